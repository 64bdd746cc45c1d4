#include "messaging/coalescer.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "messaging/message_service.hpp"

namespace meridian::messaging {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using doubling = coalescer<int, int>;

// Answers twice the question, later; remembers the sizes of the batches.
struct carriage {
  task<std::vector<result<int>>> carry(std::vector<int> questions, deadline) {
    ++under_way;
    most_at_once = std::max(most_at_once.load(), under_way.load());
    sizes_sum += questions.size();
    size_max = std::max(size_max.load(), questions.size());
    MERIDIAN_CO_CHECK(co_await pause(1ms));
    std::vector<result<int>> answers;
    for (const int one : questions) {
      answers.push_back(one < 0 ? result<int>(error{errc::not_found, "negative", ""}) : result<int>(2 * one));
    }
    --under_way;
    co_return answers;
  }

  std::atomic<int> under_way = 0;
  std::atomic<int> most_at_once = 0;
  std::atomic<std::size_t> sizes_sum = 0;
  std::atomic<std::size_t> size_max = 0;
};

struct lane {
  lane(carriage& how, std::shared_ptr<doubling::room> shared)
      : asks(
            [&how](std::vector<int> questions, deadline until) { return how.carry(std::move(questions), until); },
            std::move(shared)
        ) {}

  asio::io_context loop{1};
  doubling asks;
};

asio::awaitable<void> ask_once(doubling& asks, int question, std::atomic<int>& right) {
  const auto answer = co_await asks.ask(question, deadline::in(10s));
  const bool is_right =
      question < 0 ? !answer && answer.error().code == errc::not_found : answer && *answer == 2 * question;
  right += is_right ? 1 : 0;
}

asio::awaitable<void> ask_often(doubling& asks, int first, int count, std::atomic<int>& right) {
  for (int i = 0; i < count; ++i) {
    co_await ask_once(asks, first + i, right);
  }
}

TEST(coalescer, lanes_share_batches_and_each_gets_its_own_answer) {
  constexpr int askers = 40;
  constexpr int rounds = 50;
  constexpr std::size_t batch_max = 16;
  carriage how;
  const auto shared = std::make_shared<doubling::room>(batch_max, 1000);
  std::vector<std::unique_ptr<lane>> lanes;
  std::atomic<int> right = 0;
  for (int number = 0; number < 3; ++number) {
    lanes.push_back(std::make_unique<lane>(how, shared));
    for (int i = 0; i < askers; ++i) {
      asio::co_spawn(
          lanes.back()->loop, ask_often(lanes.back()->asks, (number * askers + i) * rounds - 100, rounds, right),
          [](const std::exception_ptr&) {}
      );
    }
  }
  std::vector<std::thread> threads;
  for (const auto& one : lanes) {
    // Whoever sleeps on a lane may be woken by another one: the loop must wait for that.
    threads.emplace_back([&one, &right] {
      const auto work = asio::make_work_guard(one->loop);
      while (right < 3 * askers * rounds) {
        one->loop.run_for(10ms);
      }
    });
  }
  for (auto& one : threads) {
    one.join();
  }
  EXPECT_EQ(right, 3 * askers * rounds);
  EXPECT_EQ(how.sizes_sum, static_cast<std::size_t>(3 * askers * rounds));
  EXPECT_EQ(how.size_max, batch_max);
  EXPECT_EQ(how.most_at_once, 1) << "batches of two lanes were under way side by side";
  EXPECT_EQ(shared->question_count(), how.sizes_sum);
}

TEST(coalescer, a_lone_question_leaves_at_once_and_too_many_are_refused) {
  carriage how;
  lane alone(how, std::make_shared<doubling::room>(4, 2));
  std::atomic<int> right = 0;
  asio::co_spawn(alone.loop, ask_once(alone.asks, 21, right), [](const std::exception_ptr&) {});
  alone.loop.run();
  EXPECT_EQ(right, 1);
  EXPECT_EQ(how.size_max, 1U);

  std::atomic<int> refused = 0;
  for (int i = 0; i < 5; ++i) {
    asio::co_spawn(
        alone.loop, alone.asks.ask(i, deadline::in(10s)),
        [&refused](const std::exception_ptr&, const result<int>& answer) {
          refused += !answer && answer.error().code == errc::overloaded ? 1 : 0;
        }
    );
  }
  alone.loop.restart();
  alone.loop.run();
  EXPECT_EQ(refused, 3);
}

TEST(coalescer, a_bug_in_the_carrier_is_everybodys_error_and_the_next_batch_goes_on) {
  bool throws = true;
  doubling asks(
      [&throws](std::vector<int> questions, deadline) -> task<std::vector<result<int>>> {
        if (std::exchange(throws, false)) {
          throw std::logic_error("a bug");
        }
        co_return std::vector<result<int>>(questions.size(), 7);
      },
      std::make_shared<doubling::room>(1, 10)
  );
  asio::io_context loop{1};
  std::vector<result<int>> answers;
  for (int i = 0; i < 2; ++i) {
    asio::co_spawn(
        loop, asks.ask(i, deadline::in(10s)),
        [&answers](const std::exception_ptr&, const result<int>& answer) { answers.push_back(answer); }
    );
  }
  loop.run();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].error().code, errc::internal);
  EXPECT_EQ(*answers[1], 7);
}

TEST(send_rooms, channels_are_spread_over_the_batches_whatever_their_ids_have_in_common) {
  for (const std::int64_t step : {1, 2, 32, 4096}) {
    int firsts = 0;
    for (std::int64_t count = 1; count <= 1000; ++count) {
      firsts += send_rooms::number_for(count * step) == 0 ? 1 : 0;
    }
    EXPECT_GT(firsts, 400) << step;
    EXPECT_LT(firsts, 600) << step;
  }
}

}  // namespace
}  // namespace meridian::messaging
