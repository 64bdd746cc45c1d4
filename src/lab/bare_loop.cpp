#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/peer_server.hpp"

namespace meridian::lab {
namespace {

constexpr std::size_t text_bytes = 200;

// The child. Who says "s" first gets every text; who says anything else sends texts of text_bytes.
class loop {
 public:
  explicit loop(int listener) : listener_(listener), poll_(::epoll_create1(0)) { watch(listener); }

  [[noreturn]] void run() {
    while (true) {
      const int count = ::epoll_wait(poll_, ready_.data(), static_cast<int>(ready_.size()), -1);
      for (int at = 0; at < count; ++at) {
        const int socket = ready_.at(static_cast<std::size_t>(at)).data.fd;
        if (socket == listener_) {
          accept();
        } else {
          hear(socket);
        }
      }
    }
  }

 private:
  void watch(int socket) const {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.fd = socket;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &interest);
  }

  void accept() const {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    watch(socket);
  }

  void hear(int socket) {
    const auto count = ::recv(socket, arrivals_.data(), arrivals_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (count <= 0) {
      std::erase(members_, socket);
      ::close(socket);
      return;
    }
    if (count == 1 && arrivals_[0] == 's') {
      members_.push_back(socket);
      ::send(socket, "+", 1, MSG_NOSIGNAL);
      return;
    }
    pending_.append(arrivals_.data(), static_cast<std::size_t>(count));
    std::size_t at = 0;
    for (; pending_.size() - at >= text_bytes; at += text_bytes) {
      for (const int member : members_) {
        ::send(member, pending_.data() + at, text_bytes, MSG_NOSIGNAL);
      }
    }
    pending_.erase(0, at);
  }

  int listener_;
  int poll_;
  std::vector<int> members_;
  std::string pending_;
  std::array<epoll_event, 256> ready_{};
  std::array<char, 64 << 10> arrivals_{};
};

class bare_loop final : public peer_server {
 public:
  ~bare_loop() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  result<void> start() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    ::inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
    socklen_t size = sizeof where;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&where), size) != 0 || ::listen(listener, 4096) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size) != 0) {
      ::close(listener);
      return error{errc::unavailable, "the bare loop can't listen", ""};
    }
    port_ = ntohs(where.sin_port);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      loop(listener).run();
    }
    ::close(listener);
    return pid_ < 0 ? result<void>(error{errc::unavailable, "can't fork", ""}) : result<void>();
  }

  std::string name() const override { return "bare epoll and send()"; }
  pid_t pid() const override { return pid_; }
  door where() const override { return {"127.0.0.1", port_}; }
  crowd_script member_script(std::size_t) const override { return {{"", "s"}, {"+", ""}}; }

  crowd_speakers speakers() const override {
    crowd_speakers made;
    made.script = {};
    made.message = [](std::uint64_t number) {
      auto text = fmt::format("{}message {} ", crowd_mark, number);
      text.resize(text_bytes, '.');
      return text;
    };
    return made;
  }

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace

result<std::unique_ptr<peer_server>> start_bare_loop() {
  auto made = std::make_unique<bare_loop>();
  MERIDIAN_CHECK(made->start());
  return std::unique_ptr<peer_server>(std::move(made));
}

}  // namespace meridian::lab
