#include "messaging/message_store.hpp"

#include <stdexcept>

#include "messaging/queries.hpp"

namespace meridian::messaging {
namespace {

verdict verdict_of(std::string_view word) {
  if (word == "new" || word == "changed" || word == "same") {
    return verdict::done;
  }
  constexpr std::pair<std::string_view, verdict> words[] = {
      {"repeat", verdict::repeat},         {"not_found", verdict::not_found}, {"not_member", verdict::not_member},
      {"not_sender", verdict::not_sender}, {"deleted", verdict::deleted},     {"archived", verdict::archived},
      {"no_thread", verdict::no_thread},   {"stale", verdict::stale},         {"full", verdict::full},
      {"again", verdict::again},
  };
  for (const auto& [known, meaning] : words) {
    if (word == known) {
      return meaning;
    }
  }
  throw std::logic_error("a statement answered an unknown verdict");
}

// What the lists have in common: the channel's progress, and the message's columns behind it.
constexpr int column_id = 2;

message message_of(const pg::row& from, int column) {
  message it;
  it.id = from.get<std::int64_t>(column++);
  it.channel_id = from.get<std::int64_t>(column++);
  it.sender_id = from.get<std::int64_t>(column++);
  it.seq = from.get<std::int64_t>(column++);
  it.change_seq = from.get<std::int64_t>(column++);
  it.text = from.get<std::string>(column++);
  it.sent_at = from.get<timestamp>(column++);
  it.edited_at = from.get<std::optional<timestamp>>(column++);
  it.deleted_at = from.get<std::optional<timestamp>>(column++);
  it.thread_root_id = from.get<std::optional<std::int64_t>>(column++);
  it.client_msg_id = from.get<std::optional<std::string>>(column++);
  it.reply_count = from.get<std::int32_t>(column++);
  it.reactions = from.get<std::optional<std::string>>(column++);
  return it;
}

error not_found() {
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

send_outcome send_outcome_of(const pg::row& from, std::int64_t id) {
  send_outcome outcome;
  outcome.id = id;
  outcome.is = verdict_of(from.get<std::string_view>(0));
  if (outcome.is == verdict::done) {
    if (from.is_null(1)) {  // somebody went, or the channel was archived, while the statement ran
      outcome.is = verdict::again;
      return outcome;
    }
    outcome.seq = from.get<std::int64_t>(1);
    outcome.change_seq = from.get<std::int64_t>(2);
    outcome.sent_at = from.get<timestamp>(3);
  }
  return outcome;
}

// The verdict, where the channel was moved to, and the message.
result<change_outcome> change_outcome_of(const pg::rows& answer) {
  if (answer.empty()) {
    return not_found();
  }
  constexpr int column_message = 2;
  change_outcome outcome;
  outcome.is = verdict_of(answer[0].get<std::string_view>(0));
  outcome.moved_to = answer[0].get<std::optional<std::int64_t>>(1).value_or(0);
  if (!answer[0].is_null(column_message)) {
    outcome.it = message_of(answer[0], column_message);
  }
  return outcome;
}

// The columns of a batch.
struct batch_columns {
  explicit batch_columns(const std::vector<outgoing>& batch) {
    for (std::size_t at = 0; at < batch.size(); ++at) {
      const auto& [id, what, called] = batch[at];
      ids.push_back(id);
      channel_ids.push_back(what.channel_id);
      sender_ids.push_back(what.sender_id);
      client_msg_ids.push_back(what.client_msg_id);
      texts.emplace_back(what.text);
      thread_root_ids.push_back(what.thread_root_id);
      for (const auto profile_id : called) {
        call_numbers.push_back(static_cast<std::int64_t>(at) + 1);
        call_profile_ids.push_back(profile_id);
      }
    }
  }

  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> channel_ids;
  std::vector<std::int64_t> sender_ids;
  std::vector<std::optional<std::string>> client_msg_ids;
  std::vector<std::string_view> texts;
  std::vector<std::optional<std::int64_t>> thread_root_ids;
  std::vector<std::int64_t> call_numbers;
  std::vector<std::int64_t> call_profile_ids;
};

}  // namespace

task<std::vector<send_outcome>> message_store::send_one(
    const topology::region& home, const outgoing& one, deadline until
) {
  pg::arguments with(
      one.id, one.what.channel_id, one.what.sender_id, one.what.client_msg_id, one.what.text, one.what.thread_root_id,
      one.called_profile_ids
  );
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, queries::send_message, std::move(with), until));
  std::vector<send_outcome> outcomes;
  outcomes.push_back(send_outcome_of(answer[0], one.id));
  co_return outcomes;
}

task<std::vector<send_outcome>> message_store::send(
    const topology::region& home, const std::vector<outgoing>& batch, deadline until
) {
  if (batch.size() == 1) {
    co_return co_await send_one(home, batch[0], until);
  }
  const batch_columns columns(batch);
  pg::arguments with(
      columns.ids, columns.channel_ids, columns.sender_ids, columns.client_msg_ids, columns.texts,
      columns.thread_root_ids, columns.call_numbers, columns.call_profile_ids
  );
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, queries::send_messages, std::move(with), until));
  std::vector<send_outcome> outcomes;
  outcomes.reserve(batch.size());
  if (static_cast<std::size_t>(answer.size()) != batch.size()) {
    throw std::logic_error("a batch was answered with another number of rows");
  }
  for (std::size_t at = 0; at < batch.size(); ++at) {
    outcomes.push_back(send_outcome_of(answer[static_cast<int>(at)], batch[at].id));
  }
  co_return outcomes;
}

task<message_page> message_store::list(
    const topology::region& home, const pg::query& what, pg::arguments with, deadline until
) {
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, what, std::move(with), until));
  if (answer.empty()) {
    co_return not_found();
  }
  message_page page;
  page.home = &home;
  page.channel_change_seq = answer[0].get<std::int64_t>(0);
  page.channel_last_seq = answer[0].get<std::int64_t>(1);
  page.messages.reserve(static_cast<std::size_t>(answer.size()));
  for (const auto row : answer) {
    if (!row.is_null(column_id)) {
      page.messages.push_back(message_of(row, column_id));
    }
  }
  co_return page;
}

task<message_page> message_store::list_before(
    const topology::region& home, std::int64_t channel_id, std::int64_t reader_id,
    std::optional<std::int64_t> before_seq, std::size_t limit, deadline until
) {
  pg::arguments with(channel_id, reader_id, before_seq, static_cast<std::int64_t>(limit));
  co_return co_await list(home, queries::list_messages, std::move(with), until);
}

task<message_page> message_store::list_after(
    const topology::region& home, std::int64_t channel_id, std::int64_t reader_id, std::int64_t after_seq,
    std::size_t limit, deadline until
) {
  pg::arguments with(channel_id, reader_id, after_seq, static_cast<std::int64_t>(limit));
  co_return co_await list(home, queries::list_messages_after, std::move(with), until);
}

task<message_page> message_store::list_changes(
    const topology::region& home, std::int64_t channel_id, std::int64_t reader_id, std::int64_t after_change_seq,
    std::size_t limit, deadline until
) {
  pg::arguments with(channel_id, reader_id, after_change_seq, static_cast<std::int64_t>(limit));
  co_return co_await list(home, queries::list_changes, std::move(with), until);
}

task<message_page> message_store::list_replies(
    const topology::region& home, std::int64_t root_id, std::int64_t reader_id, std::int64_t after_seq,
    std::size_t limit, deadline until
) {
  pg::arguments with(root_id, reader_id, after_seq, static_cast<std::int64_t>(limit));
  co_return co_await list(home, queries::list_replies, std::move(with), until);
}

task<found_message> message_store::get(
    const topology::region& home, std::int64_t id, std::int64_t reader_id, deadline until
) {
  pg::arguments with(id, reader_id);
  MERIDIAN_CO_TRY(auto page, co_await list(home, queries::get_message, std::move(with), until));
  found_message found;
  found.it = std::move(page.messages.front());
  found.home = &home;
  co_return found;
}

task<found_message> message_store::get_repeat(
    const topology::region& home, const draft& again, std::int64_t id, deadline until
) {
  pg::arguments with(again.channel_id, again.sender_id, again.client_msg_id, id);
  MERIDIAN_CO_TRY(auto page, co_await list(home, queries::get_repeat, std::move(with), until));
  found_message found;
  found.it = std::move(page.messages.front());
  found.home = &home;
  co_return found;
}

task<std::vector<revision>> message_store::list_revisions(
    const topology::region& home, std::int64_t id, std::int64_t reader_id, std::int64_t after_change_seq,
    std::size_t limit, deadline until
) {
  pg::arguments with(id, reader_id, after_change_seq, static_cast<std::int64_t>(limit));
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, queries::list_revisions, std::move(with), until));
  if (answer.empty()) {
    co_return not_found();
  }
  std::vector<revision> revisions;
  for (const auto row : answer) {
    if (!row.is_null(0)) {
      revision one;
      one.change_seq = row.get<std::int64_t>(0);
      one.text = row.get<std::string>(1);
      one.replaced_at = row.get<timestamp>(2);
      revisions.push_back(std::move(one));
    }
  }
  co_return revisions;
}

task<change_outcome> message_store::edit(
    const topology::region& home, std::int64_t id, std::int64_t editor_id, std::string text,
    std::vector<std::int64_t> called_profile_ids, std::optional<std::int64_t> expected_change_seq, deadline until
) {
  pg::arguments with(id, editor_id, text, expected_change_seq, called_profile_ids);
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, queries::edit_message, std::move(with), until));
  co_return change_outcome_of(answer);
}

task<change_outcome> message_store::remove(
    const topology::region& home, std::int64_t id, std::int64_t remover_id, deadline until
) {
  pg::arguments with(id, remover_id);
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, queries::remove_message, std::move(with), until));
  co_return change_outcome_of(answer);
}

task<change_outcome> message_store::react(
    const topology::region& home, std::int64_t id, std::int64_t profile_id, std::string emoji, bool adds, deadline until
) {
  const auto& what = adds ? queries::add_reaction : queries::remove_reaction;
  pg::arguments with(id, profile_id, emoji);
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, what, std::move(with), until));
  co_return change_outcome_of(answer);
}

task<read_cursor> message_store::mark_read(
    const topology::region& home, std::int64_t channel_id, std::int64_t reader_id, std::int64_t seq, bool may_go_back,
    deadline until
) {
  pg::arguments with(channel_id, reader_id, seq, may_go_back);
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, queries::mark_read, std::move(with), until));
  if (answer.empty()) {
    co_return not_found();
  }
  if (!answer[0].get<bool>(0)) {
    co_return error{errc::forbidden, "only members of a channel have a place in it", "Join the channel first."};
  }
  read_cursor marked;
  marked.read_seq = answer[0].get<std::int64_t>(1);
  marked.last_seq = answer[0].get<std::int64_t>(2);
  marked.home = &home;
  co_return marked;
}

task<std::vector<channel_progress>> message_store::check_channels(
    const topology::region& home, std::vector<std::int64_t> channel_ids, std::vector<std::int64_t> reader_ids,
    deadline until
) {
  pg::arguments with(channel_ids, reader_ids);
  MERIDIAN_CO_TRY(const auto answer, co_await regions_.run(home, queries::check_channels, std::move(with), until));
  std::vector<channel_progress> all;
  all.reserve(channel_ids.size());
  for (const auto row : answer) {
    channel_progress one;
    one.is_visible = row.get<bool>(0);
    one.change_seq = row.get<std::int64_t>(1);
    one.last_seq = row.get<std::int64_t>(2);
    all.push_back(one);
  }
  co_return all;
}

}  // namespace meridian::messaging
