#include "topology/topology_draft.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/core.h>

#include <boost/asio/ip/address.hpp>

#include "base/ids.hpp"
#include "base/suggest.hpp"
#include "topology/letter_case.hpp"

namespace meridian::topology {
namespace {

constexpr std::size_t region_name_size_max = 20;
constexpr std::size_t name_size_max = 40;
constexpr std::size_t host_size_max = 253;
constexpr std::size_t host_label_size_max = 63;
constexpr int port_max = 65535;
constexpr int sql_port_default = 5433;
constexpr int http_port_default = 7000;
constexpr int bus_port_default = 4222;
constexpr int gateway_port_default = 7222;

// A word that is longer than all that it could be is not worth a search for its neighbours.
constexpr std::size_t suggested_size_max = 60;

const std::vector<std::string> service_names{"profile", "messaging", "reminders", "status"};

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}
bool is_lower(char letter) {
  return letter >= 'a' && letter <= 'z';
}
bool is_lower_or_digit(char letter) {
  return is_lower(letter) || is_digit(letter);
}

// [a-z][a-z0-9]* with `separator` too after the first letter.
bool is_name(std::string_view text, char separator, std::size_t size_max) {
  return !text.empty() && text.size() <= size_max && is_lower(text.front()) &&
         std::ranges::all_of(text, [&](char each) { return is_lower_or_digit(each) || each == separator; });
}

std::string nearest_of(std::string_view given, const std::vector<std::string>& accepted) {
  return given.size() <= suggested_size_max ? did_you_mean(given, accepted) : "";
}

result<std::string> read_name(const table_reader& keys) {
  MERIDIAN_TRY(auto name, keys.text("name"));
  if (!is_name(name, '-', name_size_max)) {
    return keys.mistake(
        "name", fmt::format("{} is not a name", in_quotes(name)),
        fmt::format("a name is a-z, 0-9 and hyphens, starts with a letter and has at most {}", name_size_max)
    );
  }
  return name;
}

// One of some words, each of which stands for a value.
template <class Value, std::size_t Count>
result<Value> read_choice(
    const table_reader& keys, std::string_view key, const std::array<Value, Count>& values,
    std::optional<Value> fallback = std::nullopt
) {
  std::vector<std::string> words;
  words.reserve(Count);
  for (const auto value : values) {
    words.emplace_back(to_string(value));
  }
  const auto fallback_word = fallback ? std::optional(std::string(to_string(*fallback))) : std::nullopt;
  MERIDIAN_TRY(const auto word, keys.text(key, fallback_word));
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) {
    return keys.mistake(
        key, fmt::format("unknown {} {}{}", key, in_quotes(word), nearest_of(word, words)),
        "it is one of " + listed(words)
    );
  }
  return values[static_cast<std::size_t>(found - words.begin())];
}

result<std::uint16_t> read_port(const table_reader& keys, std::string_view key, int fallback) {
  MERIDIAN_TRY(const auto port, keys.integer(key, 1, port_max, fallback));
  return static_cast<std::uint16_t>(port);
}

result<location> read_location(const table_reader& keys) {
  MERIDIAN_TRY(const auto text, keys.text("location"));
  std::vector<std::string> parts(1);
  bool letters_fit = true;
  for (const char letter : text) {
    if (letter == '.') {
      parts.emplace_back();
    } else {
      letters_fit = letters_fit && (is_lower_or_digit(letter) || letter == '-' || letter == '_');
      parts.back().push_back(letter);
    }
  }
  if (parts.size() != 3 || !letters_fit || std::ranges::any_of(parts, &std::string::empty)) {
    return keys.mistake(
        "location", fmt::format("{} is not a location", in_quotes(text)),
        "write cloud.region.zone in small letters: \"aws.us-west-1.us-west-1a\""
    );
  }
  return location{parts[0], parts[1], parts[2]};
}

result<region_draft> read_region(const std::string& file, const toml_value& table) {
  MERIDIAN_TRY(
      auto keys,
      table_reader::open(
          file, table, "[[region]]", {"name", "number", "label", "location", "latitude", "longitude", "countries"}
      )
  );
  region_draft draft{{}, {}, {}, std::move(keys)};
  MERIDIAN_TRY(draft.value.name, draft.keys.text("name"));
  if (!is_name(draft.value.name, '_', region_name_size_max)) {
    return draft.keys.mistake(
        "name", fmt::format("{} is not a region's name", in_quotes(draft.value.name)),
        fmt::format("it ends table names: a-z, 0-9 and underscores, a letter first, at most {}", region_name_size_max)
    );
  }
  MERIDIAN_TRY(const auto number, draft.keys.integer("number", 1, region_number_max));
  draft.value.number = static_cast<int>(number);
  MERIDIAN_TRY(draft.value.label, draft.keys.text("label"));
  MERIDIAN_TRY(draft.place, read_location(draft.keys));
  MERIDIAN_TRY(draft.value.latitude, draft.keys.number("latitude", -90, 90));
  MERIDIAN_TRY(draft.value.longitude, draft.keys.number("longitude", -180, 180));
  if (draft.keys.has("countries")) {
    MERIDIAN_TRY(draft.countries, draft.keys.texts("countries"));
  }
  return draft;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > host_size_max) {
    return false;
  }
  std::size_t start = 0;
  while (true) {
    const auto label = text.substr(start, text.find('.', start) - start);
    const bool fits =
        !label.empty() && label.size() <= host_label_size_max && label.front() != '-' && label.back() != '-' &&
        std::ranges::all_of(label, [](char letter) { return is_lower_or_digit(letter) || letter == '-'; });
    if (!fits) {
      return false;
    }
    if (start + label.size() == text.size()) {
      return !std::ranges::all_of(label, is_digit);  // or it is an IP address that went wrong
    }
    start += label.size() + 1;
  }
}

result<std::string> read_address(const table_reader& keys, engine_kind engine) {
  MERIDIAN_TRY(const auto text, keys.text("address"));
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(text, failure);
  if (engine == engine_kind::postgres && (failure || !address.is_loopback())) {
    return keys.mistake(
        "address", fmt::format("{} is not a loopback address", in_quotes(text)),
        "the embedded engine listens on 127.0.0.0/8 or ::1 only; real machines take engine = \"yugabyte\""
    );
  }
  if (!failure) {
    return address.to_string();
  }
  auto host = without_case(text);
  if (!is_host_name(host)) {
    return keys.mistake(
        "address", fmt::format("{} is neither an IP address nor a host name", in_quotes(text)),
        "write the address alone; the port has a key of its own: port = 5433"
    );
  }
  return host;
}

// What a node takes from the tables around it.
struct node_context {
  const std::vector<region_draft>& regions;
  engine_kind engine;
  deployment_kind kind;
  std::uint16_t sql_port;
};

result<const region_draft*> read_region_of(const table_reader& keys, const std::vector<region_draft>& regions) {
  MERIDIAN_TRY(const auto name, keys.text("region"));
  std::vector<std::string> names;
  for (const auto& region : regions) {
    if (region.value.name == name) {
      return &region;
    }
    names.push_back(region.value.name);
  }
  return keys.mistake(
      "region", fmt::format("unknown region {}{}", in_quotes(name), nearest_of(name, names)),
      "the regions of this file are " + listed(names)
  );
}

result<node_draft> read_node(const std::string& file, const toml_value& table, const node_context& context) {
  MERIDIAN_TRY(
      auto keys,
      table_reader::open(file, table, "[[deployment.node]]", {"name", "address", "region", "role", "port", "location"})
  );
  node_draft draft{{}, std::move(keys)};
  MERIDIAN_TRY(draft.value.name, read_name(draft.keys));
  MERIDIAN_TRY(draft.value.address, read_address(draft.keys, context.engine));
  MERIDIAN_TRY(const auto* region, read_region_of(draft.keys, context.regions));
  draft.value.region = region->value.name;
  draft.value.place = region->place;
  if (draft.keys.has("location")) {
    MERIDIAN_TRY(draft.value.place, read_location(draft.keys));
  }
  // Which node takes the writes is too much to leave to a default.
  const bool role_needed = context.kind == deployment_kind::read_replicas;
  const auto role_default = role_needed ? std::nullopt : std::optional(node_role::primary);
  constexpr std::array roles{node_role::primary, node_role::replica};
  MERIDIAN_TRY(draft.value.role, read_choice(draft.keys, "role", roles, role_default));
  MERIDIAN_TRY(draft.value.sql_port, read_port(draft.keys, "port", context.sql_port));
  return draft;
}

result<int> read_replication_factor(const table_reader& keys) {
  using limits = std::numeric_limits<std::int64_t>;
  MERIDIAN_TRY(const auto factor, keys.integer("replication_factor", limits::min(), limits::max(), 1));
  if (factor != 1 && factor != 3 && factor != 5) {
    return keys.mistake(
        "replication_factor", fmt::format("\"replication_factor\" is {}, out of range", factor),
        "it must be 1, 3 or 5: an even number of copies survives no more failures than one fewer"
    );
  }
  return static_cast<int>(factor);
}

result<std::vector<located_text>> read_services(const std::string& file, const table_reader& keys) {
  MERIDIAN_TRY(auto services, keys.texts("services"));
  for (const auto& service : services) {
    if (std::ranges::find(service_names, service.text) == service_names.end()) {
      return mistake_at(
          file, service.line,
          fmt::format("unknown service {}{}", in_quotes(service.text), nearest_of(service.text, service_names)),
          "the services are " + listed(service_names)
      );
    }
  }
  return services;
}

// [deployment.closest]: region → node.
result<void> read_closest(
    const std::string& file, const toml_value& table, const std::vector<region_draft>& regions, deployment_draft& draft
) {
  const auto* closest = table.find("closest");
  if (closest == nullptr) {
    return {};
  }
  if (closest->kind != toml_kind::table) {
    return draft.keys.mistake(
        "closest", "\"closest\" is no table", "write [deployment.closest] and under it asia = \"NODE\""
    );
  }
  std::vector<std::string> region_names;
  for (const auto& region : regions) {
    region_names.push_back(region.value.name);
  }
  std::vector<std::string> node_names;
  for (const auto& node : draft.nodes) {
    node_names.push_back(node.value.name);
  }
  MERIDIAN_TRY(const auto keys, table_reader::open(file, *closest, "[deployment.closest]", region_names));
  for (const auto& region : region_names) {
    if (!keys.has(region)) {
      continue;
    }
    MERIDIAN_TRY(const auto name, keys.text(region));
    if (std::ranges::find(node_names, name) == node_names.end()) {
      return keys.mistake(
          region,
          fmt::format("\"{}\" has no node {}{}", draft.value.name, in_quotes(name), nearest_of(name, node_names)),
          "its nodes are " + listed(node_names)
      );
    }
    draft.value.closest.emplace(region, name);
  }
  return {};
}

result<deployment_draft> read_deployment(const std::string& file, const toml_value& table, node_context context) {
  MERIDIAN_TRY(
      auto keys, table_reader::open(
                     file, table, "[[deployment]]",
                     {"name", "kind", "services", "replication_factor", "synchronous", "node", "closest"}
                 )
  );
  deployment_draft draft{{}, {}, {}, std::move(keys)};
  MERIDIAN_TRY(draft.value.name, read_name(draft.keys));
  constexpr std::array kinds{
      deployment_kind::geo_partitioned, deployment_kind::read_replicas, deployment_kind::bidirectional
  };
  MERIDIAN_TRY(draft.value.kind, read_choice(draft.keys, "kind", kinds));
  MERIDIAN_TRY(draft.services, read_services(file, draft.keys));
  MERIDIAN_TRY(draft.value.replication_factor, read_replication_factor(draft.keys));
  MERIDIAN_TRY(draft.value.synchronous, draft.keys.boolean("synchronous", true));
  context.kind = draft.value.kind;
  MERIDIAN_TRY(const auto nodes, draft.keys.tables("node", "[[deployment.node]]"));
  for (const auto* node : nodes) {
    MERIDIAN_TRY(auto node_draft, read_node(file, *node, context));
    draft.nodes.push_back(std::move(node_draft));
  }
  MERIDIAN_CHECK(read_closest(file, table, context.regions, draft));
  return draft;
}

result<serving_draft> read_serving(const std::string& file, const toml_value& table, const node_context& context) {
  MERIDIAN_TRY(auto keys, table_reader::open(file, table, "[[serve]]", {"region", "address", "port"}));
  serving_draft draft{{}, std::move(keys)};
  MERIDIAN_TRY(const auto* region, read_region_of(draft.keys, context.regions));
  draft.value.region = region->value.name;
  MERIDIAN_TRY(draft.value.address, read_address(draft.keys, context.engine));
  MERIDIAN_TRY(const auto port, draft.keys.integer("port", 1, port_max));
  draft.value.port = static_cast<std::uint16_t>(port);
  return draft;
}

// All three files or none: half of them would be less than it looks like.
result<std::optional<tls_files>> read_tls(const table_reader& keys) {
  const bool wanted = keys.has("certificate") || keys.has("key") || keys.has("authority");
  if (!wanted) {
    return std::optional<tls_files>();
  }
  tls_files files;
  MERIDIAN_TRY(files.certificate, keys.text("certificate"));
  MERIDIAN_TRY(files.key, keys.text("key"));
  MERIDIAN_TRY(files.authority, keys.text("authority"));
  return std::optional(std::move(files));
}

result<bus_draft> read_bus(const std::string& file, const toml_value& table, const node_context& context) {
  MERIDIAN_TRY(
      auto keys, table_reader::open(
                     file, table, "[[bus]]",
                     {"region", "address", "port", "gateway_port", "account", "certificate", "key", "authority"}
                 )
  );
  bus_draft draft{{}, std::move(keys)};
  MERIDIAN_TRY(const auto* region, read_region_of(draft.keys, context.regions));
  draft.value.region = region->value.name;
  MERIDIAN_TRY(draft.value.address, read_address(draft.keys, context.engine));
  MERIDIAN_TRY(draft.value.port, read_port(draft.keys, "port", bus_port_default));
  MERIDIAN_TRY(draft.value.gateway_port, read_port(draft.keys, "gateway_port", gateway_port_default));
  MERIDIAN_TRY(draft.value.account, draft.keys.text("account", "meridian"));
  if (!is_name(draft.value.account, '-', name_size_max)) {
    return draft.keys.mistake(
        "account", fmt::format("{} is not an account's name", in_quotes(draft.value.account)),
        fmt::format("it is a-z, 0-9 and hyphens, starts with a letter and has at most {}", name_size_max)
    );
  }
  MERIDIAN_TRY(draft.value.tls, read_tls(draft.keys));
  return draft;
}

result<void> read_places(const std::string& file, const node_context& context, topology_draft& draft) {
  if (draft.keys.has("serve")) {
    MERIDIAN_TRY(const auto places, draft.keys.tables("serve", "[[serve]]"));
    for (const auto* place : places) {
      MERIDIAN_TRY(auto serving_draft, read_serving(file, *place, context));
      draft.serving.push_back(std::move(serving_draft));
    }
  }
  if (draft.keys.has("bus")) {
    MERIDIAN_TRY(const auto places, draft.keys.tables("bus", "[[bus]]"));
    for (const auto* place : places) {
      MERIDIAN_TRY(auto bus_draft, read_bus(file, *place, context));
      draft.bus.push_back(std::move(bus_draft));
    }
  }
  return {};
}

}  // namespace

result<topology_draft> read_draft(const std::string& file, const toml_value& root) {
  MERIDIAN_TRY(
      auto keys, table_reader::open(
                     file, root, "the file",
                     {"name", "engine", "sql_port", "http_port", "country_map", "state_directory", "region",
                      "deployment", "serve", "bus"}
                 )
  );
  topology_draft draft(std::move(keys));
  MERIDIAN_TRY(draft.name, read_name(draft.keys));
  constexpr std::array engines{engine_kind::postgres, engine_kind::yugabyte};
  MERIDIAN_TRY(draft.engine, read_choice(draft.keys, "engine", engines, std::optional(engine_kind::postgres)));
  MERIDIAN_TRY(const auto sql_port, read_port(draft.keys, "sql_port", sql_port_default));
  MERIDIAN_TRY(draft.http_port, read_port(draft.keys, "http_port", http_port_default));
  MERIDIAN_TRY(draft.country_map, draft.keys.text("country_map", "countries.toml"));
  if (draft.keys.has("state_directory")) {
    MERIDIAN_TRY(draft.state_directory, draft.keys.text("state_directory"));
  }
  MERIDIAN_TRY(const auto regions, draft.keys.tables("region", "[[region]]"));
  for (const auto* region : regions) {
    MERIDIAN_TRY(auto region_draft, read_region(file, *region));
    draft.regions.push_back(std::move(region_draft));
  }
  MERIDIAN_TRY(const auto deployments, draft.keys.tables("deployment", "[[deployment]]"));
  const node_context context{draft.regions, draft.engine, deployment_kind::geo_partitioned, sql_port};
  for (const auto* deployment : deployments) {
    MERIDIAN_TRY(auto deployment_draft, read_deployment(file, *deployment, context));
    draft.deployments.push_back(std::move(deployment_draft));
  }
  MERIDIAN_CHECK(read_places(file, context, draft));
  return draft;
}

}  // namespace meridian::topology
