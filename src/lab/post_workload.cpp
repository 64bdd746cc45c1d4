#include "lab/post_workload.hpp"

#include <charconv>

#include <fmt/format.h>

namespace meridian::lab {
namespace {

constexpr std::size_t text_bytes = 200;
constexpr std::string_view filling =
    "the night shift is on and everything is calm; the queue is short, the coffee is fresh, the pager is silent, and "
    "the deploy of this afternoon went out without a hitch, so all is well here until the morning";

std::int64_t number_in(std::string_view json, std::string_view name) {
  const auto digits = find_member(json, name);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

std::string bench_text(std::string_view client_msg_id) {
  std::string text(client_msg_id);
  text += ' ';
  text += filling.substr(0, text_bytes - std::min(text_bytes, text.size()));
  return text;
}

post_workload::post_workload(plan its_plan)
    : plan_(std::move(its_plan)), random_(plan_.seed), clients_(plan_.clients) {}

void post_workload::write_request(std::size_t client, std::string& out) {
  auto& mine = clients_[client];
  const auto turns = std::max<std::size_t>(plan_.people.size() / plan_.clients, 1);
  mine.person = (client + mine.count % turns * plan_.clients) % plan_.people.size();
  mine.channel_id = plan_.channel_ids[plan_.channel_ids.size() == 1 ? 0 : random_() % plan_.channel_ids.size()];
  mine.client_msg_id = fmt::format("{}c{}-{}", plan_.name, client, ++mine.count);
  body_.clear();
  fmt::format_to(
      std::back_inserter(body_), R"({{"text":"{}","client_msg_id":"{}"}})", bench_text(mine.client_msg_id),
      mine.client_msg_id
  );
  char target[64];
  const auto end = fmt::format_to_n(target, sizeof target, "/v1/channels/{}/messages", mine.channel_id);
  append_request(out, "POST", {target, end.size}, plan_.people[mine.person].token, body_);
}

workload::verdict post_workload::take_answer(std::size_t client, const reply& answer, std::chrono::nanoseconds) {
  if (answer.status != 201 && answer.status != 200) {
    const bool may_pass = answer.status == 429 || answer.status >= 500;
    return may_pass ? verdict::again : verdict::failed;
  }
  const auto& mine = clients_[client];
  acknowledged_.push_back(
      {mine.channel_id, plan_.people[mine.person].id, mine.client_msg_id, number_in(answer.body, "id"),
       number_in(answer.body, "seq"), 0}
  );
  return verdict::done;
}

}  // namespace meridian::lab
