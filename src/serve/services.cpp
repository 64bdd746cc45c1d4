#include "serve/services.hpp"

namespace meridian::serve {

// In the order in which they need each other.
struct services::parts {
  parts(const boost::asio::any_io_executor&, process_state& its_process, residency::regions& its_where)
      : process(its_process), where(its_where) {}

  process_state& process;
  residency::regions& where;
};

services::services(const boost::asio::any_io_executor& lane, process_state& process, residency::regions& where)
    : parts_(std::make_unique<parts>(lane, process, where)) {}

services::~services() = default;

void services::add_routes(http::router&) {}

task<void> services::run() {
  co_return result<void>();
}

void services::stop() {}

}  // namespace meridian::serve
