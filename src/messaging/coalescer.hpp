// Many coroutines' questions to one place become few: while one batch is under way, the next collects.
#pragma once

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/deadline.hpp"
#include "runtime/wakeup.hpp"

namespace meridian::messaging {

// Somebody's question, in the coroutine that waits for its answer.
template <class Question, class Answer>
struct asker {
  asker(Question its_question, deadline its_until, boost::asio::any_io_executor its_lane)
      : question(std::move(its_question)), until(its_until), lane(std::move(its_lane)) {}

  Question question;
  deadline until;
  boost::asio::any_io_executor lane;
  wakeup news;  // there is an answer, or it is your turn to lead
  std::optional<result<Answer>> answer;
};

// The questions that wait. Lanes that share one make common batches: what a statement costs whatever it carries is then
// paid once, and batches of one process don't wait for each other's locks. From any thread.
template <class Question, class Answer>
class waiting_room {
 public:
  using guest = asker<Question, Answer>;
  enum class place { full, waits, leads };

  // `waiting_max` questions wait at most; the next one is refused.
  waiting_room(std::size_t batch_max, std::size_t waiting_max) : batch_max_(batch_max), waiting_max_(waiting_max) {}

  // Who leads is the first of those who wait, and has to call take() and then leave().
  place enter(guest& next) {
    const std::lock_guard held(mutex_);
    if (waiting_.size() >= waiting_max_) {
      return place::full;
    }
    waiting_.push_back(&next);
    return std::exchange(is_led_, true) ? place::waits : place::leads;
  }

  std::vector<guest*> take() {
    const std::lock_guard held(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), batch_max_));
    std::vector<guest*> aboard(waiting_.begin(), waiting_.begin() + count);
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    ++batch_count_;
    question_count_ += aboard.size();
    return aboard;
  }

  // Who leads next; nullptr when nobody waits.
  guest* leave() {
    const std::lock_guard held(mutex_);
    is_led_ = !waiting_.empty();
    return is_led_ ? waiting_.front() : nullptr;
  }

  // Batches that were taken, and questions in them.
  std::uint64_t batch_count() const {
    const std::lock_guard held(mutex_);
    return batch_count_;
  }
  std::uint64_t question_count() const {
    const std::lock_guard held(mutex_);
    return question_count_;
  }

 private:
  const std::size_t batch_max_;
  const std::size_t waiting_max_;
  mutable std::mutex mutex_;
  std::deque<guest*> waiting_;
  bool is_led_ = false;
  std::uint64_t batch_count_ = 0;
  std::uint64_t question_count_ = 0;
};

// There is no timer: a lone question leaves at once. A batch is led by the first of those that ask in it, so that no
// coroutine is started and nothing outlives the questions. Lives on one lane, and longer than every ask().
template <class Question, class Answer>
class coalescer {
 public:
  // Answers each question in its place. An error is everybody's; its deadline is the latest of the batch.
  using carrier = std::function<task<std::vector<result<Answer>>>(std::vector<Question>, deadline)>;
  using room = waiting_room<Question, Answer>;

  // Carries what waits in `shared`, whichever lane it came from.
  coalescer(carrier carry, std::shared_ptr<room> shared) : carry_(std::move(carry)), room_(std::move(shared)) {}

  // overloaded when too many wait.
  task<Answer> ask(Question question, deadline until) {
    guest self(std::move(question), until, co_await boost::asio::this_coro::executor);
    const auto place = room_->enter(self);
    if (place == room::place::full) {
      co_return error{errc::overloaded, "too many requests wait for this region", "Try again in a moment."};
    }
    if (place == room::place::waits) {
      co_await self.news.wait();
    }
    if (!self.answer) {
      co_await lead(self);
    }
    co_return std::move(*self.answer);
  }

  std::uint64_t batch_count() const { return room_->batch_count(); }
  std::uint64_t question_count() const { return room_->question_count(); }

 private:
  using guest = asker<Question, Answer>;

  // Called by the first of those who wait.
  boost::asio::awaitable<void> lead(guest& leader) {
    // Whoever has his question ready in this turn of the lane still gets on.
    co_await boost::asio::post(leader.lane, boost::asio::use_awaitable);
    const auto aboard = room_->take();
    std::vector<Question> questions;
    questions.reserve(aboard.size());
    auto until = leader.until;
    for (auto* one : aboard) {
      questions.push_back(std::move(one->question));
      until = one->until.at() > until.at() ? one->until : until;
    }
    auto answers = co_await carried(std::move(questions), until);
    for (std::size_t at = 0; at < aboard.size(); ++at) {
      aboard[at]->answer = answers ? std::move((*answers)[at]) : result<Answer>(answers.error());
    }
    wake(aboard, leader);
    if (auto* next = room_->leave()) {
      wake({next}, leader);
    }
  }

  // Each on its own lane; one message for each other lane. The leader goes on by itself.
  static void wake(const std::vector<guest*>& sleepers, const guest& leader) {
    std::vector<std::pair<boost::asio::any_io_executor, std::vector<guest*>>> elsewhere;
    for (auto* one : sleepers) {
      if (one == &leader) {
        continue;
      }
      if (one->lane == leader.lane) {
        one->news.wake();
        continue;
      }
      auto there = std::ranges::find(elsewhere, one->lane, [](const auto& lane) { return lane.first; });
      if (there == elsewhere.end()) {
        there = elsewhere.insert(there, {one->lane, {}});
      }
      there->second.push_back(one);
    }
    for (auto& [lane, there] : elsewhere) {
      boost::asio::post(lane, [woken = std::move(there)] {
        for (auto* one : woken) {
          one->news.wake();
        }
      });
    }
  }

  // A bug in the carrier is told to everybody: nobody is left waiting.
  task<std::vector<result<Answer>>> carried(std::vector<Question> questions, deadline until) {
    try {
      co_return co_await carry_(std::move(questions), until);
    } catch (const std::exception& bug) {
      co_return error{errc::internal, bug.what(), ""};
    }
  }

  carrier carry_;
  std::shared_ptr<room> room_;
};

}  // namespace meridian::messaging
