// Clients that post messages and remember what they were told.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "lab/checker.hpp"
#include "lab/load_client.hpp"

namespace meridian::lab {

// Of 200 bytes, and different for each message.
std::string bench_text(std::string_view client_msg_id);

struct poster {
  std::int64_t id = 0;  // of the profile
  std::string token;
};

// Each client posts as people[client], people[client + clients], ... in turn, into one of the channels at random.
class post_workload : public workload {
 public:
  struct plan {
    std::vector<poster> people;
    std::vector<std::int64_t> channel_ids;
    std::size_t clients = 1;
    std::string name;  // begins each client_msg_id: its own for each workload that posts into these channels
    std::uint64_t seed = 1;
  };
  explicit post_workload(plan its_plan);

  void write_request(std::size_t client, std::string& out) override;
  verdict take_answer(std::size_t client, const reply& answer, std::chrono::nanoseconds took) override;

  // In the order of the answers; digest is 0 (the text is bench_text of the client_msg_id).
  const std::vector<acknowledged_post>& acknowledged() const { return acknowledged_; }

 private:
  struct at_hand {
    std::size_t count = 0;  // of this client's messages so far
    std::size_t person = 0;
    std::int64_t channel_id = 0;
    std::string client_msg_id;
  };

  const plan plan_;
  std::mt19937_64 random_;
  std::vector<at_hand> clients_;
  std::vector<acknowledged_post> acknowledged_;
  std::string body_;
};

}  // namespace meridian::lab
