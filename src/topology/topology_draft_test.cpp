#include <algorithm>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "topology/small_topology.hpp"

namespace meridian::topology {
namespace {

// KEY = "VALUE"
std::string entry(std::string_view key, std::string_view value) {
  return fmt::format("{} = \"{}\"", key, value);
}

TEST(topology_draft, reads_the_small_topology_that_the_tests_make_wrong) {
  EXPECT_EQ(mistake_with({}), "");
}

TEST(topology_draft, names_the_line_of_bad_toml) {
  EXPECT_EQ(
      mistake_with({{4, "http_port = "}}),
      "small.toml:4: Error while parsing key-value pair: expected value, saw '\\n' | "
      "the file is TOML 1.0: https://toml.io/en/v1.0.0"
  );
  EXPECT_EQ(
      mistake_with({{4, "sql_port = 7000"}}),
      "small.toml:4: Error while parsing key-value pair: cannot redefine existing integer 'sql_port' | "
      "the file is TOML 1.0: https://toml.io/en/v1.0.0"
  );
}

TEST(topology_draft, refuses_unknown_keys_before_missing_ones_and_suggests_the_nearest) {
  EXPECT_EQ(
      mistake_with({{1, "nmae = \"small\""}}),
      "small.toml:1: unknown key \"nmae\" (did you mean name?) | the keys of the file are name, engine, sql_port, "
      "http_port, country_map, state_directory, region, deployment, serve, bus"
  );
  EXPECT_EQ(
      mistake_with({{8, "numbr = 1"}}),
      "small.toml:8: unknown key \"numbr\" (did you mean number?) | the keys of [[region]] are name, number, label, "
      "location, latitude, longitude, countries"
  );
  EXPECT_EQ(
      mistake_with({{23, "services = []\npurple = 1"}}),
      "small.toml:24: unknown key \"purple\" | the keys of [[deployment]] are name, kind, services, "
      "replication_factor, synchronous, node, closest"
  );
  EXPECT_EQ(
      mistake_with({{27, "region = \"west\"\nsql_port = 5434"}}),
      "small.toml:28: unknown key \"sql_port\" | the keys of [[deployment.node]] are name, address, "
      "region, role, port, location"
  );
}

TEST(topology_draft, takes_the_closest_node_of_a_region_from_the_file) {
  const auto with = [](std::string_view table) {
    return parse_small(small_topology() + "[deployment.closest]\n" + std::string(table));
  };
  const auto chosen = with("east = \"pair-west\"");
  ASSERT_EQ(mistake_of(chosen), "");
  const auto& pair = *chosen->find_deployment("pair");
  EXPECT_EQ(chosen->closest_node(pair, "east").name, "pair-west");
  EXPECT_EQ(chosen->closest_node(pair, "west").name, "pair-west");
  const auto line = std::ranges::count(small_topology(), '\n') + 2;
  EXPECT_EQ(
      mistake_of(with("east = \"pair-wets\"")), fmt::format(
                                                    "small.toml:{}: \"pair\" has no node \"pair-wets\" (did you mean "
                                                    "pair-west?) | its nodes are pair-west, pair-east",
                                                    line
                                                )
  );
  EXPECT_EQ(
      mistake_of(with("est = \"pair-west\"")),
      fmt::format(
          "small.toml:{}: unknown key \"est\" (did you mean west?) | the keys of [deployment.closest] are west, east",
          line
      )
  );
}

TEST(topology_draft, says_which_key_is_missing) {
  EXPECT_EQ(mistake_with({{1, ""}}), "small.toml:1: the file lacks the key \"name\" | add name = \"...\"");
  EXPECT_EQ(mistake_with({{7, ""}}), "small.toml:6: [[region]] lacks the key \"name\" | add name = \"...\"");
  EXPECT_EQ(mistake_with({{8, ""}}), "small.toml:6: [[region]] lacks the key \"number\" | add number = 1");
  EXPECT_EQ(mistake_with({{9, ""}}), "small.toml:6: [[region]] lacks the key \"label\" | add label = \"...\"");
  EXPECT_EQ(mistake_with({{10, ""}}), "small.toml:6: [[region]] lacks the key \"location\" | add location = \"...\"");
  EXPECT_EQ(mistake_with({{11, ""}}), "small.toml:6: [[region]] lacks the key \"latitude\" | add latitude = 0.0");
  EXPECT_EQ(mistake_with({{12, ""}}), "small.toml:6: [[region]] lacks the key \"longitude\" | add longitude = 0.0");
  EXPECT_EQ(mistake_with({{21, ""}}), "small.toml:20: [[deployment]] lacks the key \"name\" | add name = \"...\"");
  EXPECT_EQ(mistake_with({{22, ""}}), "small.toml:20: [[deployment]] lacks the key \"kind\" | add kind = \"...\"");
  EXPECT_EQ(
      mistake_with({{23, ""}}), "small.toml:20: [[deployment]] lacks the key \"services\" | add services = [\"...\"]"
  );
  EXPECT_EQ(mistake_with({{25, ""}}), "small.toml:24: [[deployment.node]] lacks the key \"name\" | add name = \"...\"");
  EXPECT_EQ(
      mistake_with({{26, ""}}), "small.toml:24: [[deployment.node]] lacks the key \"address\" | add address = \"...\""
  );
  EXPECT_EQ(
      mistake_with({{27, ""}}), "small.toml:24: [[deployment.node]] lacks the key \"region\" | add region = \"...\""
  );
}

TEST(topology_draft, says_which_table_is_missing) {
  EXPECT_EQ(mistake_of(parse_small("")), "small.toml:1: the file lacks the key \"name\" | add name = \"...\"");
  EXPECT_EQ(
      mistake_of(parse_small("name = \"small\"\n")), "small.toml:1: the file has no [[region]] | add a [[region]] table"
  );
  EXPECT_EQ(
      mistake_of(parse_small("name = \"small\"\nregion = []\n")),
      "small.toml:2: the file has no [[region]] | add a [[region]] table"
  );
  const auto whole = small_topology();
  EXPECT_EQ(
      mistake_of(parse_small(whole.substr(0, whole.find("[[deployment]]")))),
      "small.toml:1: the file has no [[deployment]] | add a [[deployment]] table"
  );
  EXPECT_EQ(
      mistake_of(parse_small(whole.substr(0, whole.find("[[deployment.node]]")))),
      "small.toml:20: [[deployment]] has no [[deployment.node]] | add a [[deployment.node]] table"
  );
}

TEST(topology_draft, refuses_a_value_of_another_type) {
  EXPECT_EQ(
      mistake_with({{1, "name = 1"}}),
      "small.toml:1: \"name\" is an integer; it must be a string | put it in quotes: \"...\""
  );
  EXPECT_EQ(
      mistake_with({{8, "number = \"1\""}}),
      "small.toml:8: \"number\" is a string; it must be an integer | write it in digits: number = 1"
  );
  EXPECT_EQ(
      mistake_with({{3, "sql_port = 5433.5"}}),
      "small.toml:3: \"sql_port\" is a number; it must be an integer | write it in digits: sql_port = 1"
  );
  EXPECT_EQ(
      mistake_with({{11, "latitude = true"}}),
      "small.toml:11: \"latitude\" is a boolean; it must be a number | write it in digits: latitude = 0.0"
  );
  EXPECT_EQ(
      mistake_with({{23, "services = \"profile\""}}),
      "small.toml:23: \"services\" is a string; it must be an array of strings | write services = [\"...\"]"
  );
  EXPECT_EQ(
      mistake_with({{23, "services = [\n\"profile\",\n2024-01-01]"}}),
      "small.toml:25: an element of \"services\" is a date or time; it must be a string | put it in quotes: \"...\""
  );
  EXPECT_EQ(
      mistake_of(parse_small("name = \"small\"\nregion = {}\n")),
      "small.toml:2: \"region\" is a table; it must be tables | write [[region]] over each"
  );
  EXPECT_EQ(
      mistake_of(parse_small("name = \"small\"\nregion = [[]]\n")),
      "small.toml:2: an element of \"region\" is an array; it must be a table | write [[region]] over each"
  );
}

TEST(topology_draft, refuses_texts_that_are_no_names) {
  EXPECT_EQ(mistake_with({{9, "label = \"\""}}), "small.toml:9: \"label\" is empty | fill it in, or take it out");
  EXPECT_EQ(
      mistake_with({{9, "label = \"We\\u0000st\""}}),
      "small.toml:9: \"label\" holds a control character | take it out: this is a name, not a document"
  );
  EXPECT_EQ(mistake_with({{9, entry("label", std::string(1000, 'x'))}}), "");
  EXPECT_EQ(
      mistake_with({{9, entry("label", std::string(1001, 'x'))}}),
      "small.toml:9: \"label\" is longer than 1000 bytes | make it shorter"
  );
}

TEST(topology_draft, keeps_names_to_their_pattern) {
  const std::string remedy = "a name is a-z, 0-9 and hyphens, starts with a letter and has at most 40";
  for (const int line : {1, 21, 25}) {
    const auto place = "small.toml:" + std::to_string(line) + ": ";
    for (const std::string name : {"Small", "1st", "-a", "a_b", "a b", "ä"}) {
      EXPECT_EQ(
          mistake_with({{line, entry("name", name)}}), fmt::format("{}\"{}\" is not a name | {}", place, name, remedy)
      );
    }
    EXPECT_EQ(mistake_with({{line, entry("name", std::string(40, 'a'))}}), "");
    EXPECT_EQ(
        mistake_with({{line, entry("name", std::string(41, 'a'))}}),
        fmt::format("{}\"{}\" is not a name | {}", place, std::string(41, 'a'), remedy)
    );
  }
  // What is not shown whole ends between two letters, not inside one.
  std::string shortened = "a";
  std::string given = "a";
  for (int i = 0; i < 100; ++i) {
    shortened += i < 29 ? "ä" : "";
    given += "ä";
  }
  EXPECT_EQ(
      mistake_with({{1, entry("name", given)}}), "small.toml:1: \"" + shortened + "...\" is not a name | " + remedy
  );
}

TEST(topology_draft, keeps_region_names_to_what_can_end_a_table_name) {
  const std::string remedy = "it ends table names: a-z, 0-9 and underscores, a letter first, at most 20";
  for (const std::string name : {"West", "1st", "_a", "a-b", "aaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(
        mistake_with({{7, entry("name", name)}}),
        fmt::format("small.toml:7: \"{}\" is not a region's name | {}", name, remedy)
    );
  }
}

TEST(topology_draft, keeps_numbers_in_their_ranges) {
  EXPECT_EQ(
      mistake_with({{3, "sql_port = 0"}}), "small.toml:3: \"sql_port\" is 0, out of range | it must be 1 to 65535"
  );
  EXPECT_EQ(
      mistake_with({{4, "http_port = 65536"}}),
      "small.toml:4: \"http_port\" is 65536, out of range | it must be 1 to 65535"
  );
  EXPECT_EQ(
      mistake_with({{27, "region = \"west\"\nport = -1"}}),
      "small.toml:28: \"port\" is -1, out of range | it must be 1 to 65535"
  );
  EXPECT_EQ(mistake_with({{3, "sql_port = 1"}, {4, "http_port = 65535"}}), "");
  EXPECT_EQ(mistake_with({{8, "number = 0"}}), "small.toml:8: \"number\" is 0, out of range | it must be 1 to 31");
  EXPECT_EQ(mistake_with({{8, "number = 32"}}), "small.toml:8: \"number\" is 32, out of range | it must be 1 to 31");
  EXPECT_EQ(mistake_with({{8, "number = 31"}}), "");
  EXPECT_EQ(
      mistake_with({{11, "latitude = 90.5"}}),
      "small.toml:11: \"latitude\" is 90.5, out of range | it must be -90 to 90"
  );
  EXPECT_EQ(
      mistake_with({{11, "latitude = nan"}}), "small.toml:11: \"latitude\" is nan, out of range | it must be -90 to 90"
  );
  EXPECT_EQ(
      mistake_with({{12, "longitude = -181"}}),
      "small.toml:12: \"longitude\" is -181, out of range | it must be -180 to 180"
  );
  EXPECT_EQ(mistake_with({{11, "latitude = -90"}, {12, "longitude = 180.0"}}), "");
}

TEST(topology_draft, takes_a_replication_factor_of_1_3_or_5) {
  for (const int factor : {1, 3, 5}) {
    const auto parsed =
        parse_small(small_topology({{23, "services = []\nreplication_factor = " + std::to_string(factor)}}));
    ASSERT_EQ(mistake_of(parsed), "");
    EXPECT_EQ(parsed->deployments[0].replication_factor, factor);
  }
  for (const int factor : {-1, 0, 2, 4, 6, 7}) {
    const auto text = std::to_string(factor);
    EXPECT_EQ(
        mistake_with({{23, "services = []\nreplication_factor = " + text}}),
        "small.toml:24: \"replication_factor\" is " + text +
            ", out of range | it must be 1, 3 or 5: an even number of "
            "copies survives no more failures than one fewer"
    );
  }
  EXPECT_EQ(parse_small(small_topology())->deployments[0].replication_factor, 1);
}

TEST(topology_draft, waits_for_a_replica_unless_told_otherwise) {
  EXPECT_TRUE(parse_small(small_topology())->deployments[1].synchronous);
  for (const bool wanted : {true, false}) {
    const auto parsed =
        parse_small(small_topology({{35, fmt::format("services = [\"reminders\"]\nsynchronous = {}", wanted)}}));
    ASSERT_EQ(mistake_of(parsed), "");
    EXPECT_EQ(parsed->deployments[1].synchronous, wanted);
  }
  EXPECT_EQ(
      mistake_with({{35, "services = []\nsynchronous = \"no\""}}),
      "small.toml:36: \"synchronous\" is a string; it must be a boolean | write synchronous = true or synchronous = "
      "false"
  );
}

TEST(topology_draft, knows_the_words_of_a_choice) {
  EXPECT_EQ(
      mistake_with({{2, "engine = \"postgre\""}}),
      "small.toml:2: unknown engine \"postgre\" (did you mean postgres?) | it is one of postgres, yugabyte"
  );
  EXPECT_EQ(
      mistake_with({{22, "kind = \"geo_partitoned\""}}),
      "small.toml:22: unknown kind \"geo_partitoned\" (did you mean geo_partitioned?) | it is one of geo_partitioned, "
      "read_replicas, bidirectional"
  );
  EXPECT_EQ(
      mistake_with({{40, "role = \"leader\""}}),
      "small.toml:40: unknown role \"leader\" | it is one of primary, replica"
  );
}

TEST(topology_draft, knows_the_services) {
  EXPECT_EQ(
      mistake_with({{49, "services = [\n\"status\",\n\"mesaging\"]"}}),
      "small.toml:51: unknown service \"mesaging\" (did you mean messaging?) | the services are profile, messaging, "
      "reminders, status"
  );
}

TEST(topology_draft, wants_every_role_of_a_read_replicas_deployment) {
  EXPECT_EQ(mistake_with({{40, ""}}), "small.toml:36: [[deployment.node]] lacks the key \"role\" | add role = \"...\"");
  EXPECT_EQ(mistake_with({{45, ""}}), "small.toml:41: [[deployment.node]] lacks the key \"role\" | add role = \"...\"");
}

TEST(topology_draft, refuses_a_node_in_an_unknown_region) {
  EXPECT_EQ(
      mistake_with({{31, "region = \"eats\""}}),
      "small.toml:31: unknown region \"eats\" (did you mean east?) | the regions of this file are west, east"
  );
}

TEST(topology_draft, takes_a_location_of_three_parts) {
  const std::string remedy = "write cloud.region.zone in small letters: \"aws.us-west-1.us-west-1a\"";
  for (const std::string place : {"aws", "aws.us-west-1", "aws..a", "a.b.c.d", ".b.c", "a.b.", "AWS.b.c", "a.b c.d"}) {
    EXPECT_EQ(
        mistake_with({{10, entry("location", place)}}),
        fmt::format("small.toml:10: \"{}\" is not a location | {}", place, remedy)
    );
  }
  EXPECT_EQ(
      mistake_with({{27, "region = \"west\"\nlocation = \"aws\""}}),
      "small.toml:28: \"aws\" is not a location | " + remedy
  );
}

TEST(topology_draft, lets_a_node_override_port_and_location) {
  const auto parsed = parse_small(small_topology(
      {{27, "region = \"west\"\nport = 5500\nlocation = \"gcp.us-east1.us-east1-b\"\nrole = \"primary\""}}
  ));
  ASSERT_EQ(mistake_of(parsed), "");
  const auto& nodes = parsed->deployments[0].nodes;
  EXPECT_EQ(nodes[0].sql_port, 5500);
  EXPECT_EQ(to_string(nodes[0].place), "gcp.us-east1.us-east1-b");
  EXPECT_EQ(nodes[1].sql_port, 5433);
  EXPECT_EQ(to_string(nodes[1].place), "aws.eu-west-1.eu-west-1a");
}

TEST(topology_draft, wants_loopback_addresses_under_postgres) {
  for (const std::string address : {"10.0.0.1", "0.0.0.0", "128.0.0.1", "::2", "::", "fe80::1", "localhost", "127.1"}) {
    EXPECT_EQ(
        mistake_with({{26, entry("address", address)}}),
        "small.toml:26: \"" + address +
            "\" is not a loopback address | the embedded engine listens on 127.0.0.0/8 or ::1 "
            "only; real machines take engine = \"yugabyte\""
    );
  }
  EXPECT_EQ(mistake_with({{26, "address = \"127.255.0.9\""}}), "");
  const auto parsed = parse_small(small_topology({{26, "address = \"0:0::0:1\""}}));
  ASSERT_EQ(mistake_of(parsed), "");
  EXPECT_EQ(parsed->deployments[0].nodes[0].address, "::1");
}

TEST(topology_draft, takes_addresses_and_host_names_under_yugabyte) {
  const auto with_address = [](const std::string& address) {
    return parse_small(small_topology({{2, "engine = \"yugabyte\""}, {26, entry("address", address)}}));
  };
  const auto labels = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + ".";
  for (const std::string& address :
       {std::string("10.0.0.1"), std::string("2001:db8::1"), std::string("yb-1.example.com"), std::string("localhost"),
        labels + std::string(61, 'd')}) {
    const auto parsed = with_address(address);
    ASSERT_EQ(mistake_of(parsed), "");
    EXPECT_EQ(parsed->deployments[0].nodes[0].address, address);
  }
  EXPECT_EQ(with_address("YB-1.Example.com")->deployments[0].nodes[0].address, "yb-1.example.com");
  for (const std::string& address :
       {std::string("yb-1:5433"), std::string("a..b"), std::string(".a"), std::string("a."), std::string("-a.b"),
        std::string("a-.b"), std::string("a_b"), std::string("10.0.0.256"), std::string(64, 'a')}) {
    const auto shown = address.size() > 60 ? address.substr(0, 60) + "..." : address;
    EXPECT_EQ(
        mistake_of(with_address(address)),
        "small.toml:26: \"" + shown +
            "\" is neither an IP address nor a host name | write the address alone; the port has "
            "a key of its own: port = 5433"
    );
  }
  EXPECT_FALSE(with_address(labels + std::string(62, 'd')));
}

TEST(topology_draft, refuses_files_above_a_mebibyte) {
  const auto text = small_topology();
  const auto fits = text + "#" + std::string((1 << 20) - text.size() - 1, ' ');
  EXPECT_EQ(mistake_of(parse_small(fits)), "");
  const auto parsed = parse_small(fits + " ");
  EXPECT_EQ(
      mistake_of(parsed), "small.toml is larger than 1 MiB | a topology is a few kilobytes: is this the right file?"
  );
  EXPECT_EQ(parsed.error().code, errc::too_large);
}

// toml++ 3.3 breaks an assertion of its own on these.
TEST(topology_draft, names_the_line_of_a_heading_that_the_parser_can_not_read) {
  const std::string mistake =
      "a table heading or key that can't be read | the file is TOML 1.0: https://toml.io/en/v1.0.0";
  EXPECT_EQ(mistake_with({{13, "[[(region)]]"}}), "small.toml:13: " + mistake);
  EXPECT_EQ(mistake_with({{1, "[[#"}}), "small.toml:1: " + mistake);
  EXPECT_EQ(mistake_of(parse_small("a = 1\n[=")), "small.toml:2: " + mistake);
}

TEST(topology_draft, refuses_what_nests_too_deep) {
  EXPECT_EQ(
      mistake_with({{2, "name2 = " + std::string(100'000, '[')}}),
      "small.toml:2: Error while parsing value: exceeded maximum nested value depth of 16 (TOML_MAX_NESTED_VALUES) | "
      "the file is TOML 1.0: https://toml.io/en/v1.0.0"
  );
}

}  // namespace
}  // namespace meridian::topology
