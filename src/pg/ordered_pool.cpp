#include "pg/ordered_pool.hpp"

#include <array>

#include "pg/pool_core.hpp"

namespace meridian::pg {

ordered_pool::ordered_pool(boost::asio::any_io_executor lane, pool_settings settings, access wanted)
    : core_(std::make_shared<pool_core>(std::move(lane), std::move(settings), wanted == access::reads_only)) {}

ordered_pool::~ordered_pool() {
  core_->close(error{errc::cancelled, "the pool is gone", ""});
}

task<rows> ordered_pool::run(const statement& what, arguments with, deadline until, repeat again) {
  const auto self = core_;
  MERIDIAN_CO_CHECK(self->admit());
  const run_in_flight counted(*self);
  order only{&what, &with, {}};
  const std::span<order> orders(&only, 1);
  MERIDIAN_CO_CHECK(co_await self->run(orders, until, again));
  co_return std::move(only.got.rows);
}

task<answer_pair> ordered_pool::run_in_order(
    const statement& first, arguments first_with, const statement& second, arguments second_with, deadline until,
    repeat again
) {
  const auto self = core_;
  MERIDIAN_CO_CHECK(self->admit());
  const run_in_flight counted(*self);
  std::array<order, 2> both{order{&first, &first_with, {}}, order{&second, &second_with, {}}};
  MERIDIAN_CO_CHECK(co_await self->run(both, until, again));
  co_return answer_pair{std::move(both[0].got.rows), std::move(both[1].got.rows)};
}

pool_state ordered_pool::observe() const {
  return core_->observe();
}

task<void> ordered_pool::stop(deadline until) {
  return pool_core::stop(core_, until);
}

}  // namespace meridian::pg
