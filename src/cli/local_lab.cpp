#include "cli/local_lab.hpp"

#include "cluster/postgres/faults.hpp"

namespace meridian::cli {
namespace {

namespace faults = cluster::postgres;
using console::link_action;
using console::node_action;

class local_lab final : public console::lab_actions {
 public:
  explicit local_lab(const session& local) : local_(local) {}

  task<void> act(const topology::node& on, node_action what, deadline until) override {
    switch (what) {
      case node_action::kill:
        co_return co_await faults::kill_node(local_.kept, on, until);
      case node_action::freeze:
        co_return co_await faults::freeze_node(local_.kept, on);
      case node_action::thaw:
        co_return co_await faults::thaw_node(local_.kept, on);
      case node_action::start: {
        // Not while a command changes the topology, nor twice at once.
        MERIDIAN_CO_TRY(const auto lock, local_.kept.lock());
        co_return co_await faults::start_node(*local_.engine, local_.world, on);
      }
    }
    co_return error{errc::internal, "no such action", ""};
  }

  task<void> act(const topology::node& from, const topology::node& to, link_action what, deadline) override {
    MERIDIAN_CO_TRY(const auto lock, local_.kept.lock());
    if (what == link_action::cut) {
      co_return co_await faults::cut_link(*local_.engine, local_.world, from, to);
    }
    co_return co_await faults::heal_link(*local_.engine, local_.world, from, to);
  }

  std::optional<topology::restore> last_restore_of(const topology::deployment& part) const override {
    return local_.kept.last_restore_of(part.name);
  }

 private:
  const session& local_;
};

}  // namespace

std::shared_ptr<console::lab_actions> make_local_lab(const session& local) {
  return std::make_shared<local_lab>(local);
}

}  // namespace meridian::cli
