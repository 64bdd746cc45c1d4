#include "support/session.hpp"

#include <gtest/gtest.h>

#include "runtime/task.hpp"

namespace meridian::test {
namespace {

// co_spawn hands over only what can be made from nothing, which a connection can't.
template <class T>
boost::asio::awaitable<void> keep(task<T> work, std::optional<result<T>>& outcome) {
  outcome.emplace(co_await std::move(work));
}

template <class T>
result<T> finish(boost::asio::io_context& loop, task<T> work) {
  std::optional<result<T>> outcome;
  boost::asio::co_spawn(loop, keep(std::move(work), outcome), [](const std::exception_ptr& thrown) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
  });
  loop.restart();
  loop.run();
  return std::move(*outcome);
}

}  // namespace

std::string text_of(const pg::rows& rows) {
  std::string text;
  for (const auto row : rows) {
    text += text.empty() ? "" : "\n";
    for (int column = 0; column < rows.columns(); ++column) {
      text += column == 0 ? "" : "|";
      text += row.text(column);
    }
  }
  return text;
}

result<session> session::open(pg::endpoint where, duration longest) {
  auto loop = std::make_unique<boost::asio::io_context>(1);
  MERIDIAN_TRY(auto opened, finish(*loop, pg::connection::open(std::move(where), deadline::in(longest))));
  return session(std::move(loop), std::move(opened));
}

result<pg::rows> session::query(std::string statement, std::vector<pg::parameter> parameters) {
  return finish(*loop_, connection_.query(std::move(statement), std::move(parameters), deadline::in(patience_)));
}

result<void> session::script(std::string statements) {
  return finish(*loop_, connection_.run_script(std::move(statements), deadline::in(patience_)));
}

std::string session::text(std::string statement, std::vector<pg::parameter> parameters) {
  const auto shown = statement.substr(0, 200);
  const auto answer = query(std::move(statement), std::move(parameters));
  if (!answer) {
    ADD_FAILURE() << shown << "\n  " << to_string(answer.error());
    return "failed: " + answer.error().message;
  }
  return text_of(*answer);
}

std::string session::refusal(std::string statement) {
  const auto answer = query(std::move(statement));
  return answer ? "" : to_string(answer.error());
}

}  // namespace meridian::test
