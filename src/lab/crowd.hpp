// Thousands of connections that listen, and a few that speak: who stands at the other end of a fan-out. One thread and
// plain sockets, so that it costs less than what it measures.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "lab/load_client.hpp"

namespace meridian::lab {

// Wait until that text has come ("": at once), then say this.
struct crowd_step {
  std::string awaited;
  std::string said;
};

using crowd_script = std::vector<crowd_step>;

// The octet that is in each delivery once, and in nothing else that a server says.
inline constexpr char crowd_mark = '`';

struct crowd_settings {
  door where;
  std::size_t members = 1'000;
  std::function<crowd_script(std::size_t)> script;  // of that member; done once its last step is
  std::string still_here;                           // said by each every 10 s; "" for nothing
  std::size_t joining_max = 64;                     // that go through their script at a time
  std::chrono::seconds joining_time_max{120};
};

// Who speaks. Messages are dealt out over the connections in turn.
struct crowd_speakers {
  std::size_t connections = 1;
  crowd_script script;
  std::function<std::string(std::uint64_t)> message;  // the n-th, as it is sent; holds crowd_mark once
  std::string accepted;                               // what the server answers to each that it took; "": nothing
};

struct crowd_outcome {
  std::uint64_t published = 0;
  std::uint64_t deliveries = 0;
  double seconds = 0;
};

// Blocking; for a command, not for a lane.
class crowd {
 public:
  // All members have joined; unavailable with the last words of the first that could not.
  static result<std::unique_ptr<crowd>> gather(crowd_settings settings, const std::atomic<bool>& interrupted);
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  ~crowd();

  // Keeps `in_flight` messages on their way for that long: one is published whenever an earlier one has come to every
  // member. The marks are called when the warm-up and when the duration is over. internal when a member is cut off,
  // when a message does not come in 10 s, or when not every one that was published was accepted.
  result<crowd_outcome> listen(
      const crowd_speakers& speakers, std::size_t in_flight, std::chrono::milliseconds warm_up,
      std::chrono::milliseconds duration, const load_marks& marks
  );

  // Tells the server that all of them are there; for a crowd whose turn it is not, every 10 s or so.
  result<void> greet();

  // Does nothing but hear, for that long.
  result<void> rest(std::chrono::milliseconds duration);

 private:
  crowd(crowd_settings settings, const std::atomic<bool>& interrupted);
  struct member;
  struct speech;

  result<void> join_all();
  result<void> open(member& one, crowd_script script);
  result<void> hear(member& one);
  result<void> go_on(member& one);
  result<void> say(member& one, const std::string& bytes);
  result<void> turn();
  result<void> speak(speech& held);

  const crowd_settings settings_;
  const std::atomic<bool>& interrupted_;
  int poll_ = -1;
  std::vector<std::unique_ptr<member>> members_;
  std::vector<std::unique_ptr<member>> speakers_;
  std::size_t joining_ = 0;
  std::uint64_t marks_heard_ = 0;
  std::uint64_t accepted_ = 0;
  std::string accepted_text_;
  std::chrono::steady_clock::time_point said_still_here_at_;
  std::vector<char> arrivals_;
};

}  // namespace meridian::lab
