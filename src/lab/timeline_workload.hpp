// Clients that read timelines, and see whether anything is missing in them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "lab/load_client.hpp"
#include "lab/post_workload.hpp"

namespace meridian::lab {

// The newest seq of each channel that somebody was told of. Written by one thread, read by another.
class known_seqs {
 public:
  known_seqs(std::int64_t first_channel_id, const std::vector<std::int64_t>& seqs);

  void raise(std::int64_t channel_id, std::int64_t seq);
  std::int64_t of(std::size_t channel) const { return seqs_[channel]; }
  std::size_t size() const { return size_; }
  std::int64_t first_channel_id() const { return first_channel_id_; }

 private:
  std::int64_t first_channel_id_;
  std::size_t size_;
  std::unique_ptr<std::atomic<std::int64_t>[]> seqs_;
};

// GET of a channel's newest 50 messages, the channels at random. An answer that does not end with a message at least as
// new as what was known before the question has failed.
class timeline_workload : public workload {
 public:
  timeline_workload(std::vector<std::string> tokens, const known_seqs& known, std::size_t clients, std::uint64_t seed);

  void write_request(std::size_t client, std::string& out) override;
  verdict take_answer(std::size_t client, const reply& answer, std::chrono::nanoseconds took) override;

 private:
  const std::vector<std::string> tokens_;
  const known_seqs& known_;
  std::mt19937_64 random_;
  std::vector<std::int64_t> expected_;  // by client
};

// Posts, and raises the seqs that are known.
class telling_workload : public post_workload {
 public:
  telling_workload(plan its_plan, known_seqs& known) : post_workload(std::move(its_plan)), known_(known) {}

  verdict take_answer(std::size_t client, const reply& answer, std::chrono::nanoseconds took) override;

 private:
  known_seqs& known_;
};

// The newest seq in a timeline's body; 0 for an empty one.
std::int64_t last_seq_in(std::string_view body);

}  // namespace meridian::lab
