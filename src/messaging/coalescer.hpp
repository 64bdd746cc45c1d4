// Many coroutines' questions to one place become few: while one batch is under way, the next collects.
#pragma once

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/deadline.hpp"
#include "runtime/wakeup.hpp"

namespace meridian::messaging {

// There is no timer: a lone question leaves at once. A batch is led by the first of those that ask in it, so that no
// coroutine is started and nothing outlives the questions. Lives on one lane, and longer than every ask().
template <class Question, class Answer>
class coalescer {
 public:
  // Answers each question in its place. An error is everybody's; its deadline is the latest of the batch.
  using carrier = std::function<task<std::vector<result<Answer>>>(std::vector<Question>, deadline)>;

  // `waiting_max` questions wait at most; the next one is refused as overloaded.
  coalescer(carrier carry, std::size_t batch_max, std::size_t waiting_max)
      : carry_(std::move(carry)), batch_max_(batch_max), waiting_max_(waiting_max) {}
  coalescer(const coalescer&) = delete;
  coalescer& operator=(const coalescer&) = delete;

  task<Answer> ask(Question question, deadline until) {
    if (waiting_.size() >= waiting_max_) {
      co_return error{errc::overloaded, "too many requests wait for this region", "Try again in a moment."};
    }
    asker self(std::move(question), until);
    waiting_.push_back(&self);
    if (is_led_) {
      co_await self.news.wait();
    }
    if (!self.answer) {
      co_await lead();
    }
    co_return std::move(*self.answer);
  }

  // Batches that were sent, and questions in them.
  std::uint64_t batch_count() const { return batch_count_; }
  std::uint64_t question_count() const { return question_count_; }

 private:
  struct asker {
    asker(Question its_question, deadline its_until) : question(std::move(its_question)), until(its_until) {}

    Question question;
    deadline until;
    wakeup news;  // there is an answer, or it is your turn to lead
    std::optional<result<Answer>> answer;
  };

  // Called by the first of those who wait.
  boost::asio::awaitable<void> lead() {
    is_led_ = true;
    // Whoever has his question ready in this turn of the lane still gets on.
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    std::vector<asker*> aboard(waiting_.begin(), waiting_.begin() + std::min(waiting_.size(), batch_max_));
    waiting_.erase(waiting_.begin(), waiting_.begin() + aboard.size());
    std::vector<Question> questions;
    questions.reserve(aboard.size());
    auto until = aboard.front()->until;
    for (auto* one : aboard) {
      questions.push_back(std::move(one->question));
      until = one->until.at() > until.at() ? one->until : until;
    }
    ++batch_count_;
    question_count_ += aboard.size();
    auto answers = co_await carried(std::move(questions), until);
    for (std::size_t at = 0; at < aboard.size(); ++at) {
      aboard[at]->answer = answers ? std::move((*answers)[at]) : result<Answer>(answers.error());
    }
    // The leader is the first aboard and goes on by itself.
    for (std::size_t at = 1; at < aboard.size(); ++at) {
      aboard[at]->news.wake();
    }
    is_led_ = !waiting_.empty();
    if (is_led_) {
      waiting_.front()->news.wake();
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
  std::size_t batch_max_;
  std::size_t waiting_max_;
  std::deque<asker*> waiting_;
  bool is_led_ = false;
  std::uint64_t batch_count_ = 0;
  std::uint64_t question_count_ = 0;
};

}  // namespace meridian::messaging
