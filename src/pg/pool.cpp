#include "pg/pool.hpp"

#include "pg/pool_core.hpp"

namespace meridian::pg {

struct pool::state : pool_core {
  using pool_core::pool_core;
};

pool::pool(boost::asio::any_io_executor lane, pool_settings settings)
    : state_(std::make_shared<state>(std::move(lane), std::move(settings), false)) {}

pool::~pool() {
  state_->close(error{errc::cancelled, "the pool is gone", ""});
}

task<rows> pool::run(const statement& what, arguments with, deadline until, repeat again) {
  const std::shared_ptr<pool_core> self = state_;
  MERIDIAN_CO_CHECK(self->admit());
  const run_in_flight counted(*self);
  order only{&what, &with, {}};
  const std::span<order> orders(&only, 1);
  MERIDIAN_CO_CHECK(co_await self->run(orders, until, again));
  co_return std::move(only.got.rows);
}

pool_state pool::observe() const {
  return state_->observe();
}

task<void> pool::stop(deadline until) {
  return pool_core::stop(state_, until);
}

}  // namespace meridian::pg
