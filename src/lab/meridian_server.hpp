// Our own server as one of those that a crowd listens to.
#pragma once

#include "lab/bench_stage.hpp"
#include "lab/peer_server.hpp"

namespace meridian::lab {

// The stage's serving process: members are people who are signed in, each over a live connection of their own, and
// messages are posted over HTTP to the stage's channels in turn, which all of them are in. The stage outlives it.
class meridian_server final : public peer_server {
 public:
  meridian_server(const bench_stage& stage, std::size_t speaking) : stage_(stage), speaking_(speaking) {}

  std::string name() const override { return "Meridian"; }
  pid_t pid() const override { return stage_.world().server().pid(); }
  door where() const override { return {stage_.world().shape().address, stage_.world().shape().serve_port}; }
  crowd_script member_script(std::size_t index) const override;
  crowd_speakers speakers() const override;
  std::string still_here() const override { return unasked_pong(); }

 private:
  const bench_stage& stage_;
  std::size_t speaking_;  // connections that post
};

}  // namespace meridian::lab
