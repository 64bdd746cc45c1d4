#include "lab/peer_server.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "runtime/file.hpp"

namespace meridian::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view loopback = "127.0.0.1";
constexpr std::string_view nats_program = "/usr/sbin/nats-server";
constexpr std::string_view erlang_program = "/usr/bin/erl";
constexpr std::size_t text_bytes = 200;

// The n-th text, with the mark in it.
std::string text_of(std::uint64_t number) {
  auto text = fmt::format("{}message {} ", crowd_mark, number);
  text.resize(text_bytes, '.');
  return text;
}

class nats final : public peer_server {
 public:
  nats(std::uint16_t port, std::size_t subjects) : port_(port), subjects_(subjects) {}

  result<void> start(const fs::path& directory) {
    const auto configuration = directory / "nats.conf";
    MERIDIAN_CHECK(write_file(
        configuration, fmt::format("listen: \"{}:{}\"\nmax_connections: 64000\n", loopback, port_), mode_public
    ));
    return process_.start(
        {std::string(nats_program), "-c", configuration.string()}, directory / "nats.log", std::string(loopback), port_
    );
  }

  std::string name() const override { return "nats-server"; }
  pid_t pid() const override { return process_.pid(); }
  door where() const override { return {std::string(loopback), port_}; }

  crowd_script member_script(std::size_t) const override {
    std::string said = "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\n";
    for (std::size_t which = 0; which < subjects_; ++which) {
      said += fmt::format("SUB bench.{0} {0}\r\n", which);
    }
    return {{"INFO ", said + "PING\r\n"}, {"PONG", ""}};
  }

  crowd_speakers speakers() const override {
    crowd_speakers made;
    made.script = {{"INFO ", "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n"}, {"PONG", ""}};
    made.message = [subjects = subjects_](std::uint64_t number) {
      return fmt::format("PUB bench.{} {}\r\n{}\r\n", number % subjects, text_bytes, text_of(number));
    };
    return made;
  }

 private:
  std::uint16_t port_;
  std::size_t subjects_;
  serving_process process_;
};

// Where Debian puts its libraries, with the version in the name.
result<fs::path> find_ejabberd() {
  std::error_code failed;
  for (const auto& libraries : fs::directory_iterator("/usr/lib", failed)) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(libraries.path(), none)) {
      if (entry.path().filename().string().starts_with("ejabberd-") && fs::exists(entry.path() / "ebin", none)) {
        return entry.path();
      }
    }
  }
  return error{errc::not_found, "ejabberd is not installed", "apt-get install ejabberd"};
}

class ejabberd final : public peer_server {
 public:
  ejabberd(std::uint16_t port, std::size_t rooms) : port_(port), rooms_(rooms) {}

  result<void> start(const fs::path& directory) {
    MERIDIAN_TRY(const auto libraries, find_ejabberd());
    const auto configuration = directory / "ejabberd.yml";
    MERIDIAN_CHECK(write_file(configuration, configuration_text(), mode_public));
    const auto quoted = [](const fs::path& path) { return "\"" + path.string() + "\""; };
    return process_.start(
        {std::string(erlang_program), "-noinput", "+K", "true", "+P", "250000", "-pa", (libraries / "ebin").string(),
         "-mnesia", "dir", quoted(directory / "mnesia"), "-ejabberd", "config", quoted(configuration), "log_path",
         quoted(directory / "ejabberd.log"), "-s", "ejabberd"},
        directory / "erlang.log", std::string(loopback), port_, std::chrono::seconds(60)
    );
  }

  std::string name() const override { return "ejabberd MUC"; }
  pid_t pid() const override { return process_.pid(); }
  door where() const override { return {std::string(loopback), port_}; }

  crowd_script member_script(std::size_t index) const override { return come(fmt::format("member{}", index)); }

  // A room tells each of thousands who comes about itself: too slow to fill.
  crowd_script idle_script(std::size_t) const override {
    auto steps = sign_in();
    steps.push_back({"</iq>", "<presence/>"});
    steps.push_back({"<presence", ""});
    return steps;
  }

  crowd_speakers speakers() const override {
    crowd_speakers made;
    made.script = come("speaker");
    made.message = [rooms = rooms_](std::uint64_t number) {
      return fmt::format(
          "<message to='{}' type='groupchat' id='m{}'><body>{}</body></message>", room(number % rooms), number,
          text_of(number)
      );
    };
    return made;
  }

 private:
  static constexpr std::string_view host = "bench";

  static std::string room(std::size_t which) { return fmt::format("all{}@conference.bench", which); }

  static crowd_script sign_in() {
    const auto stream = fmt::format(
        "<?xml version='1.0'?><stream:stream to='{}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
        host
    );
    return {
        {"", stream},
        {"</stream:features>", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"},
        {"<success", stream},
        {"</stream:features>", "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"},
    };
  }

  // Into each room, one after the other.
  crowd_script come(const std::string& nick) const {
    auto steps = sign_in();
    for (std::size_t which = 0; which < rooms_; ++which) {
      steps.push_back({which == 0 ? "</iq>" : "<subject", join(room(which), nick)});
    }
    steps.push_back({"<subject", ""});
    return steps;
  }

  static std::string join(const std::string& room, const std::string& nick) {
    return fmt::format(
        "<presence to='{}/{}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>", room,
        nick
    );
  }

  std::string configuration_text() const {
    return fmt::format(
        "hosts: [\"{}\"]\nloglevel: error\nhide_sensitive_log_data: true\n"
        "listen:\n  - port: {}\n    ip: \"{}\"\n    module: ejabberd_c2s\n    max_stanza_size: 262144\n"
        "    starttls: false\n    backlog: 4096\n"  // of 5 by default: then a crowd waits for repeated SYNs
        "auth_method: [anonymous]\nanonymous_protocol: sasl_anon\nallow_multiple_connections: true\n"
        "disable_sasl_mechanisms: []\nregistration_timeout: infinity\n"
        "modules:\n  mod_disco: {{}}\n"
        "  mod_muc:\n    access: all\n    access_create: all\n    history_size: 0\n    max_users: 20000\n"
        "    max_users_admin_threshold: 20000\n    default_room_options:\n      max_users: 20000\n"
        "      presence_broadcast: []\n      anonymous: true\n",
        host, port_, loopback
    );
  }

  std::uint16_t port_;
  std::size_t rooms_;
  serving_process process_;
};

result<std::uint16_t> find_port() {
  MERIDIAN_TRY(const auto ports, find_free_ports(std::string(loopback), 1));
  return ports.front();
}

result<void> check_installed(std::string_view program, std::string_view package) {
  if (::access(std::string(program).c_str(), X_OK) != 0) {
    return error{
        errc::not_found, fmt::format("{} is not installed", package), fmt::format("apt-get install {}", package)
    };
  }
  return {};
}

}  // namespace

result<std::unique_ptr<peer_server>> start_nats(const fs::path& directory, std::size_t subjects) {
  MERIDIAN_CHECK(check_installed(nats_program, "nats-server"));
  MERIDIAN_TRY(const auto port, find_port());
  auto made = std::make_unique<nats>(port, subjects);
  MERIDIAN_CHECK(made->start(directory));
  return std::unique_ptr<peer_server>(std::move(made));
}

result<std::unique_ptr<peer_server>> start_ejabberd(const fs::path& directory, std::size_t rooms) {
  MERIDIAN_CHECK(check_installed(erlang_program, "ejabberd"));
  MERIDIAN_TRY(const auto port, find_port());
  auto made = std::make_unique<ejabberd>(port, rooms);
  MERIDIAN_CHECK(made->start(directory));
  return std::unique_ptr<peer_server>(std::move(made));
}

}  // namespace meridian::lab
