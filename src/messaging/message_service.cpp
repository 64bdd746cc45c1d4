#include "messaging/message_service.hpp"

#include <algorithm>

#include "messaging/mention.hpp"
#include "messaging/queries.hpp"

namespace meridian::messaging {
namespace {

// What a refusing verdict means to the caller.
error refusal_of(verdict refused) {
  switch (refused) {
    case verdict::not_member:
      return {errc::forbidden, "only members of the channel may do this", "Join the channel first."};
    case verdict::not_sender:
      return {errc::forbidden, "this is for its sender to do", ""};
    case verdict::deleted:
      return {errc::conflict, "the message was deleted", ""};
    case verdict::archived:
      return {errc::conflict, "the channel is archived", "An admin can bring it back."};
    case verdict::no_thread:
      return {
          errc::invalid_argument, "thread_root_id is not a message of this channel that begins a thread",
          "Reply to the first message of the thread.", "thread_root_id"
      };
    case verdict::stale:
      return {errc::stale, "the message has changed since you read it", "Read it again and look at the change."};
    case verdict::full:
      return {errc::conflict, "the message has as many reactions as it can have", ""};
    case verdict::again:
      return {errc::retry, "the channel changed in this moment", "Try again."};
    case verdict::not_found:
    case verdict::done:
    case verdict::repeat:
      break;
  }
  return {errc::not_found, "there is no such thing, or it is not yours to see", ""};
}

// Failures that every message of the batch shares; others may be one message's fault.
bool is_shared(errc code) {
  return code == errc::unavailable || code == errc::timed_out || code == errc::overloaded || code == errc::cancelled;
}

// 0 for everybody.
std::vector<std::int64_t> called_in(std::string_view text) {
  auto called = mentions_in(text);
  if (called.calls_everybody()) {
    called.profile_ids.push_back(0);
  }
  return std::move(called.profile_ids);
}

outgoing outgoing_of(const draft& what, std::int64_t id) {
  outgoing made;
  made.id = id;
  made.what = what;
  made.called_profile_ids = called_in(what.text);
  return made;
}

message message_of(draft sent, const send_outcome& outcome) {
  message it;
  it.id = outcome.id;
  it.channel_id = sent.channel_id;
  it.sender_id = sent.sender_id;
  it.seq = outcome.seq;
  it.change_seq = outcome.change_seq;
  it.text = std::move(sent.text);
  it.sent_at = outcome.sent_at;
  it.thread_root_id = sent.thread_root_id;
  it.client_msg_id = std::move(sent.client_msg_id);
  return it;
}

// One statement's worth. Larger ones gain nothing and delay the first of the batch.
constexpr std::size_t batch_max = 256;

// Questions of one room that wait for their batch. At 20,000 a second these are 200 ms.
constexpr std::size_t waiting_max = 4096;

// Of a statement that came at the same moment as another's.
constexpr int tries_max = 4;

}  // namespace

// By Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): ids of one writer have low bits in common.
std::size_t send_rooms::number_for(std::int64_t channel_id) {
  constexpr std::uint64_t golden = 0x9E37'79B9'7F4A'7C15;
  return (static_cast<std::uint64_t>(channel_id) * golden >> 32) % per_region;
}

std::shared_ptr<send_rooms::room> send_rooms::of(int region_number, std::size_t number) {
  auto& found = rooms_[region_number].at(number);
  if (found == nullptr) {
    found = std::make_shared<room>(batch_max, waiting_max);
  }
  return found;
}

message_service::message_service(residency::regions& where, bus::publisher& events, const message_settings& settings)
    : regions_(where),
      store_(where),
      channels_(where, queries::find_channel),
      messages_(where, queries::find_message),
      announcer_(events),
      ids_(settings.writer_number),
      on_batch_(settings.on_batch),
      progress_(
          [this](std::vector<progress_question> batch, deadline until) {
            return carry_questions(std::move(batch), until);
          },
          std::make_shared<progress_coalescer::room>(batch_max, waiting_max)
      ) {
  const auto rooms = settings.rooms ? settings.rooms : std::make_shared<send_rooms>();
  for (const auto* home : where.all()) {
    auto carry_there = [this, home](std::vector<outgoing> batch, deadline until) {
      return carry(*home, std::move(batch), until);
    };
    auto& senders = senders_[home->number];
    for (std::size_t number = 0; number < send_rooms::per_region; ++number) {
      senders.push_back(std::make_unique<send_coalescer>(carry_there, rooms->of(home->number, number)));
    }
  }
}

task<posted> message_service::post(draft what, deadline until) {
  co_return co_await channels_.at(what.channel_id, until, [this, &what, until](const topology::region& home) {
    return post_to(home, what, until);
  });
}

task<posted> message_service::post_to(const topology::region& home, const draft& what, deadline until) {
  auto sent = outgoing_of(what, ids_.next(home.number));
  auto copy = sent;
  auto& sender = *senders_.at(home.number)[send_rooms::number_for(what.channel_id)];
  MERIDIAN_CO_TRY(auto outcome, co_await sender.ask(std::move(copy), until));
  if (outcome.is == verdict::done) {
    posted done;
    done.json = std::move(outcome.json);
    done.sent = message_of(std::move(sent.what), outcome);
    done.home = &home;
    co_return done;
  }
  if (outcome.is != verdict::repeat) {
    co_return refusal_of(outcome.is);
  }
  MERIDIAN_CO_TRY(auto first, co_await store_.get_repeat(home, what, outcome.id, until));
  posted again;
  again.is_repeat = first.it.id != outcome.id;  // else it is this one, told twice
  again.sent = std::move(first.it);
  again.home = &home;
  co_return again;
}

task<std::vector<result<send_outcome>>> message_service::carry(
    const topology::region& home, std::vector<outgoing> batch, deadline until
) {
  if (on_batch_) {
    on_batch_(batch.size());
  }
  std::vector<result<send_outcome>> outcomes(batch.size(), error{errc::internal, "not carried", ""});
  auto sent = co_await store_.send(home, batch, until);
  if (!sent && is_shared(sent.error().code)) {
    co_return sent.error();
  }
  std::vector<task<void>> alone;
  for (std::size_t at = 0; at < batch.size(); ++at) {
    if (sent && (*sent)[at].is != verdict::again) {
      outcomes[at] = (*sent)[at];
    } else {
      alone.push_back(carry_alone(home, batch[at], until, outcomes[at]));
    }
  }
  if (!alone.empty()) {
    MERIDIAN_CO_CHECK(co_await all(std::move(alone)));
  }
  announce(home, std::move(batch), outcomes);
  co_return outcomes;
}

// In the order of the channels, also of those that were carried alone.
void message_service::announce(
    const topology::region& home, std::vector<outgoing> batch, std::vector<result<send_outcome>>& outcomes
) const {
  std::vector<std::size_t> done;
  done.reserve(batch.size());
  for (std::size_t at = 0; at < batch.size(); ++at) {
    if (outcomes[at] && outcomes[at]->is == verdict::done) {
      done.push_back(at);
    }
  }
  std::ranges::sort(done, {}, [&](std::size_t at) { return outcomes[at]->change_seq; });
  for (const auto at : done) {
    outcomes[at]->json = announcer_.tell_posted(message_of(std::move(batch[at].what), *outcomes[at]), home);
  }
}

task<void> message_service::carry_alone(
    const topology::region& home, const outgoing& one, deadline until, result<send_outcome>& outcome
) {
  std::vector<outgoing> single{one};
  for (int tries = 0; tries < tries_max; ++tries) {
    auto sent = co_await store_.send(home, single, until);
    outcome = sent ? result<send_outcome>(sent->front()) : result<send_outcome>(sent.error());
    // conflict: its client_msg_id was just taken, or it is there itself after a connection died behind the commit: the
    // next look will see either. Or its id was taken, by another server that makes ids under the same number.
    if (tries > 0) {
      single.front().id = ids_.next(home.number);
    }
    const bool may_pass = sent ? sent->front().is == verdict::again : sent.error().code == errc::conflict;
    if (!may_pass) {
      break;
    }
  }
  co_return result<void>();
}

task<message_page> message_service::list(
    std::int64_t channel_id, std::int64_t reader_id, page_wanted wanted, deadline until
) {
  co_return co_await channels_.at(channel_id, until, [=, this](const topology::region& home) {
    return wanted.after_seq ? store_.list_after(home, channel_id, reader_id, *wanted.after_seq, wanted.limit, until)
                            : store_.list_before(home, channel_id, reader_id, wanted.before_seq, wanted.limit, until);
  });
}

task<message_page> message_service::list_changes(
    std::int64_t channel_id, std::int64_t reader_id, std::int64_t after_change_seq, std::size_t limit, deadline until
) {
  co_return co_await channels_.at(channel_id, until, [=, this](const topology::region& home) {
    return store_.list_changes(home, channel_id, reader_id, after_change_seq, limit, until);
  });
}

task<message_page> message_service::list_replies(
    std::int64_t root_id, std::int64_t reader_id, std::int64_t after_seq, std::size_t limit, deadline until
) {
  co_return co_await messages_.at(root_id, until, [=, this](const topology::region& home) {
    return store_.list_replies(home, root_id, reader_id, after_seq, limit, until);
  });
}

task<found_message> message_service::get(std::int64_t id, std::int64_t reader_id, deadline until) {
  co_return co_await messages_.at(id, until, [=, this](const topology::region& home) {
    return store_.get(home, id, reader_id, until);
  });
}

task<std::vector<revision>> message_service::list_revisions(
    std::int64_t id, std::int64_t reader_id, std::int64_t after_change_seq, std::size_t limit, deadline until
) {
  co_return co_await messages_.at(id, until, [=, this](const topology::region& home) {
    return store_.list_revisions(home, id, reader_id, after_change_seq, limit, until);
  });
}

task<found_message> message_service::edit(
    std::int64_t id, std::int64_t editor_id, std::string text, std::optional<std::int64_t> expected_change_seq,
    deadline until
) {
  const auto called = called_in(text);
  co_return co_await messages_.at(id, until, [=, this](const topology::region& home) {
    return change(
        [=, this, &home] { return store_.edit(home, id, editor_id, text, called, expected_change_seq, until); }, home
    );
  });
}

task<void> message_service::remove(std::int64_t id, std::int64_t remover_id, deadline until) {
  const auto outcome = co_await messages_.at(id, until, [=, this](const topology::region& home) {
    return change([=, this, &home] { return store_.remove(home, id, remover_id, until); }, home);
  });
  if (!outcome) {
    co_return outcome.error();
  }
  co_return result<void>();
}

task<changed> message_service::react(
    std::int64_t id, std::int64_t profile_id, std::string emoji, bool adds, deadline until
) {
  const auto outcome = co_await messages_.at(id, until, [=, this](const topology::region& home) {
    return change([=, this, &home] { return store_.react(home, id, profile_id, emoji, adds, until); }, home);
  });
  if (!outcome) {
    co_return outcome.error();
  }
  changed done;
  done.change_seq = outcome->it.change_seq;
  done.home = outcome->home;
  co_return done;
}

task<found_message> message_service::change(
    std::function<task<change_outcome>()> statement, const topology::region& home
) {
  change_outcome outcome;
  for (int tries = 0; tries < tries_max && outcome.is == verdict::again; ++tries) {
    MERIDIAN_CO_TRY(outcome, co_await statement());
  }
  if (outcome.moved_to > 0) {
    announcer_.tell_changed(outcome.moved_to, outcome.it, home);
  }
  if (outcome.is != verdict::done) {
    co_return refusal_of(outcome.is);
  }
  found_message done;
  done.it = std::move(outcome.it);
  done.home = &home;
  co_return done;
}

task<read_cursor> message_service::mark_read(
    std::int64_t channel_id, std::int64_t reader_id, std::int64_t seq, bool may_go_back, deadline until
) {
  const auto marked = co_await channels_.at(channel_id, until, [=, this](const topology::region& home) {
    return store_.mark_read(home, channel_id, reader_id, seq, may_go_back, until);
  });
  if (marked) {
    announcer_.tell_read(channel_id, reader_id, marked->read_seq, marked->last_seq);
  }
  co_return marked;
}

task<std::optional<channel_progress>> message_service::check_progress(
    std::int64_t channel_id, std::int64_t reader_id, deadline until
) {
  MERIDIAN_CO_TRY(const auto* home, co_await channels_.of(channel_id, until));
  if (home != &regions_.here()) {
    co_return std::optional<channel_progress>();
  }
  progress_question question;
  question.channel_id = channel_id;
  question.reader_id = reader_id;
  MERIDIAN_CO_TRY(const auto progress, co_await progress_.ask(question, until));
  // Not visible here: it may have moved, which the answer itself will find out.
  co_return progress.is_visible ? std::optional(progress) : std::nullopt;
}

task<std::vector<result<channel_progress>>> message_service::carry_questions(
    std::vector<progress_question> batch, deadline until
) {
  std::vector<std::int64_t> channel_ids;
  std::vector<std::int64_t> reader_ids;
  for (const auto& one : batch) {
    channel_ids.push_back(one.channel_id);
    reader_ids.push_back(one.reader_id);
  }
  MERIDIAN_CO_TRY(
      const auto found,
      co_await store_.check_channels(regions_.here(), std::move(channel_ids), std::move(reader_ids), until)
  );
  co_return std::vector<result<channel_progress>>(found.begin(), found.end());
}

batch_counters message_service::observe() const {
  batch_counters sum;
  for (const auto& [number, senders] : senders_) {
    for (const auto& sender : senders) {
      sum.send_batches += sender->batch_count();
      sum.sends += sender->question_count();
    }
  }
  sum.check_batches = progress_.batch_count();
  sum.checks = progress_.question_count();
  return sum;
}

}  // namespace meridian::messaging
