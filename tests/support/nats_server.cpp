#include "support/nats_server.hpp"

#include <csignal>
#include <fstream>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "support/http_get.hpp"
#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

asio::ip::tcp::endpoint endpoint_at(std::uint16_t port) {
  return {asio::ip::make_address("127.0.0.1"), port};
}

bool is_answered(std::uint16_t port) {
  asio::io_context loop;
  asio::ip::tcp::socket socket(loop);
  boost::system::error_code failed;
  socket.connect(endpoint_at(port), failed);
  return !failed;
}

fs::path new_directory() {
  auto pattern = (fs::temp_directory_path() / "meridian-nats.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no temporary directory");
  }
  return pattern;
}

}  // namespace

nats_server::nats_server(std::string name) : directory_(new_directory()), name_(std::move(name)) {
  std::tie(port_, gateway_port_) = free_ports();
  monitor_port_ = free_ports().first;
}

nats_server::~nats_server() {
  running_.reset();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void nats_server::join(const nats_server& other) {
  peers_.push_back(fmt::format(
      "{{name: {}, url: \"nats://{}:{}@127.0.0.1:{}\"}}", other.name_, account, "gateways", other.gateway_port_
  ));
}

void nats_server::start() {
  const auto file = directory_ / "server.conf";
  std::ofstream(file) << fmt::format(
      "server_name: {0}\nlisten: \"127.0.0.1:{1}\"\nhttp: \"127.0.0.1:{2}\"\n"
      "authorization {{ user: {3}, password: \"{4}\" }}\n"
      "gateway {{ name: {0}, listen: \"127.0.0.1:{5}\", authorization {{ user: {3}, password: gateways }}, "
      "gateways: [{6}] }}\n",
      name_, port_, monitor_port_, account, password, gateway_port_, fmt::join(peers_, ", ")
  );
  launch what;
  what.arguments = {"nats-server", "-c", file.string(), "-l", (directory_ / "server.log").string()};
  running_.emplace(what);
  EXPECT_TRUE(wait_until([this] { return is_answered(port_) && is_answered(monitor_port_); }))
      << read_text(directory_ / "server.log");
}

void nats_server::kill() {
  running_->send(SIGKILL);
  running_->wait();
  running_.reset();
}

void nats_server::freeze() {
  running_->send(SIGSTOP);
}

void nats_server::thaw() {
  running_->send(SIGCONT);
}

std::string nats_server::say(const std::string& path) const {
  return http_get("127.0.0.1", monitor_port_, path).body;
}

nats_sign_in nats_server::sign_in() const {
  nats_sign_in made;
  made.port = port_;
  made.account = account;
  made.password = password;
  return made;
}

}  // namespace meridian::test
