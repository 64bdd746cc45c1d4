#include "lab/timeline_workload.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace meridian::lab {

known_seqs::known_seqs(std::int64_t first_channel_id, const std::vector<std::int64_t>& seqs)
    : first_channel_id_(first_channel_id),
      size_(seqs.size()),
      seqs_(std::make_unique<std::atomic<std::int64_t>[]>(seqs.size())) {
  for (std::size_t i = 0; i < size_; ++i) {
    seqs_[i] = seqs[i];
  }
}

void known_seqs::raise(std::int64_t channel_id, std::int64_t seq) {
  auto& known = seqs_[static_cast<std::size_t>(channel_id - first_channel_id_)];
  known = std::max<std::int64_t>(known, seq);
}

timeline_workload::timeline_workload(
    std::vector<std::string> tokens, const known_seqs& known, std::size_t clients, std::uint64_t seed
)
    : tokens_(std::move(tokens)), known_(known), random_(seed), expected_(clients) {}

void timeline_workload::write_request(std::size_t client, std::string& out) {
  const auto channel = random_() % known_.size();
  expected_[client] = known_.of(channel);
  char target[80];
  const auto end = fmt::format_to_n(
      target, sizeof target, "/v1/channels/{}/messages?limit=50",
      known_.first_channel_id() + static_cast<std::int64_t>(channel)
  );
  append_request(out, "GET", {target, end.size}, tokens_[client % tokens_.size()], "");
}

workload::verdict timeline_workload::take_answer(std::size_t client, const reply& answer, std::chrono::nanoseconds) {
  return answer.status == 200 && last_seq_in(answer.body) >= expected_[client] ? verdict::done : verdict::failed;
}

workload::verdict telling_workload::take_answer(
    std::size_t client, const reply& answer, std::chrono::nanoseconds took
) {
  const auto verdict = post_workload::take_answer(client, answer, took);
  if (verdict == verdict::done) {
    known_.raise(acknowledged().back().channel_id, acknowledged().back().seq);
  }
  return verdict;
}

std::int64_t last_seq_in(std::string_view body) {
  constexpr std::string_view mark = "\"seq\":";
  const auto at = body.rfind(mark);
  std::int64_t seq = 0;
  if (at != std::string_view::npos) {
    std::from_chars(body.data() + at + mark.size(), body.data() + body.size(), seq);
  }
  return seq;
}

}  // namespace meridian::lab
