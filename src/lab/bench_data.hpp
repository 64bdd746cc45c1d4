// What a measurement works on: people who are signed in, and channels with messages.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/checker.hpp"
#include "pg/connection.hpp"
#include "pg/query.hpp"
#include "topology/topology.hpp"

namespace meridian::lab {

struct data_wish {
  std::size_t people = 256;  // all members of the workspace and of every channel
  std::size_t channels = 1000;
  std::int64_t messages = 0;  // dealt out over the channels
};

// Ids follow each other: the i-th person is first_person_id + i.
struct bench_data {
  std::string country;
  std::int64_t workspace_id = 0;
  std::int64_t first_person_id = 0;
  std::int64_t first_channel_id = 0;
  std::int64_t first_new_id = 0;    // for messages that are made by hand; the server takes later ones
  std::vector<std::string> tokens;  // a session for each person
  data_wish wish;

  std::int64_t seq_before(std::size_t channel) const;  // of the channel's last message that was there
};

// The text with ${region} filled in.
std::string in_region(const pg::query& what, const std::string& region);

// Straight into the region's node, as its owner. `told` hears how many messages are there, every second or so.
// cancelled when the program is interrupted.
result<bench_data> prepare_data(
    const pg::endpoint& owner, const topology::region& where, const std::string& country, const data_wish& wish,
    const std::function<void(std::int64_t)>& told
);

// A token that nobody else has: "m1.REGION_NUMBER.SECRET", as the product makes them.
std::string make_session_token(int region_number);

// Adds channels of one region and their messages behind seq_before[i] (0 for all of them when it is empty).
result<void> read_stored(
    const pg::endpoint& owner, const std::string& region, const std::vector<std::int64_t>& channel_ids,
    const std::vector<std::int64_t>& seq_before, evidence& all
);

}  // namespace meridian::lab
