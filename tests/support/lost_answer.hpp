// What becomes of work that was done, and whose answer was lost on the way.
#pragma once

#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "support/local_topology.hpp"
#include "support/wait.hpp"

namespace meridian::test {

// Whoever commits on the node next loses his connection behind the commit: that waits for a standby that is not there,
// and is ended there. Join what it answers behind the work.
inline std::thread lose_next_answer(const local_topology& world, const std::string& node) {
  auto admin = world.connect(node);
  const auto reload = [](auto& asked, std::string_view expected) {
    asked.text("SELECT pg_reload_conf()");
    EXPECT_TRUE(wait_until([&] { return asked.text("SHOW synchronous_standby_names") == expected; }));
  };
  admin.text("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  reload(admin, "nobody");
  // The checkpointer is who makes it hold for all, and has read it when it has done this: who connects now comes
  // behind the signals to everybody.
  world.connect(node).text("CHECKPOINT");
  return std::thread([admin = std::move(admin), reload]() mutable {
    EXPECT_TRUE(wait_until([&] {
      return admin.text("SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
             ) == "t";
    })) << "nobody committed";
    admin.text("ALTER SYSTEM RESET synchronous_standby_names");
    reload(admin, "");
  });
}

}  // namespace meridian::test
