#include "runtime/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>

#include "runtime/file.hpp"

namespace meridian {
namespace {

namespace asio = boost::asio;

constexpr std::size_t output_bytes_max = 16 << 20;
constexpr int exit_not_started = 127;

error system_error(std::string_view doing) {
  return {errc::internal, fmt::format("can't {}: {}", doing, std::generic_category().message(errno)), ""};
}

// argv or envp for exec; the strings must outlive it.
std::vector<char*> c_strings(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const auto& text : strings) {
    pointers.push_back(const_cast<char*>(text.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (!added.contains(std::string(text.substr(0, text.find('='))))) {
      merged.emplace_back(text);
    }
  }
  for (const auto& [name, value] : added) {
    merged.push_back(name + "=" + value);
  }
  return merged;
}

// An anonymous file in memory. Unlike a pipe it never fills, and a daemon that the child leaves behind can't hold it
// open against us.
result<int> make_capture() {
  const int descriptor = ::memfd_create("meridian-output", MFD_CLOEXEC);
  if (descriptor < 0) {
    return system_error("capture output");
  }
  return descriptor;
}

std::string take_capture(int descriptor) {
  std::string content(
      std::min<std::size_t>(static_cast<std::size_t>(::lseek(descriptor, 0, SEEK_END)), output_bytes_max), '\0'
  );
  const auto count = ::pread(descriptor, content.data(), content.size(), 0);
  content.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  ::close(descriptor);
  return content;
}

// Only async-signal-safe calls between fork and exec.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output, int errors, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    ::_exit(exit_not_started);
  }
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  // A daemon that stays would hold our sockets: a port that nobody answers on, connections that never end.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execvpe(arguments[0], arguments, environment);
  ::_exit(exit_not_started);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t shown_bytes = 1500;
  const auto end = text.find_last_not_of(" \n");
  const auto kept = text.substr(0, end == std::string::npos ? 0 : end + 1);
  return kept.size() <= shown_bytes ? kept : "..." + kept.substr(kept.size() - shown_bytes);
}

}  // namespace

task<process_outcome> run_process(command what, deadline until) {
  const auto executor = co_await asio::this_coro::executor;
  MERIDIAN_CO_TRY(const int output, make_capture());
  MERIDIAN_CO_TRY(const int errors, make_capture());
  const auto variables = merged_environment(what.environment);
  const auto arguments = c_strings(what.arguments);
  const auto environment = c_strings(variables);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    become(arguments.data(), environment.data(), output, errors, parent);
  }
  const int ended = child < 0 ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (ended < 0) {
    co_return system_error("start " + what.arguments.front());
  }
  asio::posix::stream_descriptor ended_stream(executor, ended);
  const auto waited = co_await wait_for(ended_stream, asio::posix::descriptor_base::wait_read, until);
  if (!waited) {
    ::kill(child, SIGKILL);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  process_outcome outcome{exit_code_of(status), take_capture(output), take_capture(errors)};
  if (!waited) {
    co_return error{errc::timed_out, what.arguments.front() + " did not end in time and was killed", ""};
  }
  if (outcome.exit_code == exit_not_started) {
    co_return error{errc::not_found, "can't run " + what.arguments.front(), ""};
  }
  co_return outcome;
}

task<std::string> run_checked(command what, deadline until) {
  const std::string program = what.arguments.front();
  MERIDIAN_CO_TRY(auto outcome, co_await run_process(std::move(what), until));
  if (outcome.exit_code != 0) {
    const auto said = last_lines(outcome.errors.empty() ? outcome.output : outcome.errors);
    co_return error{
        errc::internal, fmt::format("{} failed with exit code {}: {}", program, outcome.exit_code, said), ""
    };
  }
  co_return std::move(outcome.output);
}

result<pid_t> start_detached(
    const std::string& name, const std::filesystem::path& log, const std::function<int()>& body
) {
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) {
    return system_error("write " + log.string());
  }
  std::fflush(nullptr);  // what is buffered would be printed twice
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    ::prctl(PR_SET_NAME, name.c_str());
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    ::_exit(body());
  }
  ::close(output);
  if (child < 0) {
    return system_error("start a process");
  }
  return child;
}

result<void> drop_privileges(const std::string& account) {
  if (::geteuid() != 0) {
    return {};
  }
  const passwd* entry = ::getpwnam(account.c_str());
  if (entry == nullptr) {
    return error{
        errc::not_found, "there is no system account " + account, "install PostgreSQL: apt-get install postgresql-15"
    };
  }
  if (::initgroups(account.c_str(), entry->pw_gid) != 0 || ::setgid(entry->pw_gid) != 0 ||
      ::setuid(entry->pw_uid) != 0 || ::chdir("/") != 0) {
    return system_error("become " + account);
  }
  ::setenv("HOME", entry->pw_dir, 1);
  return {};
}

bool is_alive(pid_t process) {
  if (process <= 0 || ::waitpid(process, nullptr, WNOHANG) == process) {
    return false;
  }
  return ::kill(process, 0) == 0 || errno == EPERM;
}

bool is_zombie(pid_t process) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", process));
  // "PID (NAME) STATE ...", where the name may hold anything.
  const auto name_end = stat ? stat->rfind(')') : std::string::npos;
  return name_end != std::string::npos && stat->substr(name_end).starts_with(") Z");
}

}  // namespace meridian
