#include "console/console_codec.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "json/writer.hpp"

namespace meridian::console {
namespace {

using topology::node;

// What the services promise: how soon one is restored after an outage. Drills and failovers measure it.
struct tier {
  int number;
  std::array<std::string_view, 2> services;
  int restored_within_s;
};
constexpr std::array tiers{
    tier{1, {"profile", "messaging"}, 0}, tier{2, {"reminders", ""}, 7200}, tier{3, {"status", ""}, 14400}
};

// RFC 8259 has numbers; the writer has whole ones.
std::string seconds_text(double seconds) {
  return fmt::format("{:.3f}", seconds);
}

void write_place(json::writer& out, const topology::location& place) {
  out.key("place").begin_object().text("cloud", place.cloud).text("region", place.region).text("zone", place.zone);
  out.end_object();
}

void write_node(json::writer& out, const node& one, bool is_local) {
  out.begin_object().text("name", one.name).key("address");
  if (is_local) {
    out.text(fmt::format("{}:{}", one.address, one.sql_port));
  } else {
    out.null();
  }
  out.text("region", one.region).text("role", to_string(one.role));
  write_place(out, one.place);
  out.end_object();
}

void write_regions(json::writer& out, const topology::topology& world) {
  out.key("regions").begin_array();
  for (const auto& one : world.regions) {
    const auto served = std::ranges::find(world.serving, one.name, &topology::serving_place::region);
    out.begin_object().text("name", one.name).text("label", one.label);
    out.key("latitude").raw(fmt::format("{}", one.latitude)).key("longitude").raw(fmt::format("{}", one.longitude));
    out.number("countries", std::ranges::count(world.countries, one.name, &topology::country::region));
    out.key("url");
    if (served != world.serving.end()) {
      out.text(fmt::format("http://{}:{}", served->address, served->port));
    } else {
      out.null();
    }
    out.end_object();
  }
  out.end_array();
}

void write_deployments(json::writer& out, const topology::topology& world, bool is_local) {
  out.key("deployments").begin_array();
  for (const auto& part : world.deployments) {
    out.begin_object().text("name", part.name).text("kind", to_string(part.kind)).key("services").begin_array();
    for (const auto& service : part.services) {
      out.text(service);
    }
    out.end_array().number("replication_factor", part.replication_factor).key("nodes").begin_array();
    for (const auto& one : part.nodes) {
      write_node(out, one, is_local);
    }
    out.end_array().end_object();
  }
  out.end_array();
}

void write_last_restore(json::writer& out, const std::optional<topology::restore>& measured) {
  out.key("last_restore");
  if (!measured) {
    out.null();
    return;
  }
  out.begin_object().text("by", measured->by).number("took_ms", measured->took.count()).time("at", measured->at);
  out.end_object();
}

void write_tiers(json::writer& out, const topology::topology& world, const lab_actions* lab) {
  out.key("tiers").begin_array();
  for (const auto& one : tiers) {
    out.begin_object().number("tier", one.number).key("services").begin_array();
    for (const auto service : one.services) {
      if (!service.empty()) {
        out.text(service);
      }
    }
    out.end_array().number("restored_within_s", one.restored_within_s);
    const auto* part = world.find_deployment_of_service(one.services.front());
    write_last_restore(
        out, part != nullptr && lab != nullptr ? lab->last_restore_of(*part) : std::optional<topology::restore>()
    );
    out.end_object();
  }
  out.end_array();
}

void write_node_view(json::writer& out, const node_view& one) {
  out.begin_object().text("name", one.node->name).text("deployment", one.part->name);
  out.text("region", one.node->region).flag("is_reachable", one.is_reachable);
  out.text("problem", one.is_reachable ? std::optional<std::string>() : std::optional(one.problem));
  out.key("round_trip_us").raw(one.is_reachable ? std::to_string(one.round_trip.count()) : "null");
  out.text(
      "role", one.is_reachable ? std::optional<std::string>(one.is_replica ? "replica" : "primary")
                               : std::optional<std::string>()
  );
  out.end_object();
}

void write_link(json::writer& out, const link_view& one) {
  out.begin_object().text("from", one.from->name).text("to", one.to->name).text("kind", one.kind);
  out.text("state", one.state);
  out.key("behind_bytes").raw(one.behind_bytes ? std::to_string(*one.behind_bytes) : "null");
  out.key("staleness_s").raw(one.staleness_s ? seconds_text(*one.staleness_s) : "null").end_object();
}

void write_table(json::writer& out, const table_view& one) {
  out.begin_object().text("table", one.table).text("region", one.region->name);
  out.text("node", one.node == nullptr ? std::string_view() : std::string_view(one.node->name));
  out.number("rows", one.rows).flag("is_estimate", one.is_estimate).number("bytes", one.bytes).end_object();
}

// With whom a row moves, and who decides.
void write_mover(json::writer& out, const found_row& row) {
  const bool moves_along = row.kind == "channel" || row.kind == "message";
  out.key("moves_with");
  if (moves_along && row.belongs_to) {
    out.begin_object().text("kind", row.kind == "channel" ? "workspace" : "channel").id("id", *row.belongs_to);
    out.end_object();
  } else {
    out.null();
  }
  out.text("moved_by", "operator");
}

}  // namespace

std::string topology_json(
    const topology::topology& world, const topology::region& here, std::string_view instance, bool is_local,
    const lab_actions* lab
) {
  std::string body;
  json::writer out(body);
  out.begin_object().text("name", world.name).text("engine", to_string(world.engine));
  out.key("served_by").begin_object().text("region", here.name).text("instance", instance).end_object();
  write_regions(out, world);
  write_deployments(out, world, is_local);
  write_tiers(out, world, lab);
  out.end_object();
  return body;
}

std::string view_json(const view& seen) {
  std::string body;
  json::writer out(body);
  out.begin_object().time("seen_at", seen.seen_at).key("nodes").begin_array();
  for (const auto& one : seen.nodes) {
    write_node_view(out, one);
  }
  out.end_array().key("links").begin_array();
  for (const auto& one : seen.links) {
    write_link(out, one);
  }
  out.end_array().key("tables").begin_array();
  for (const auto& one : seen.tables) {
    write_table(out, one);
  }
  out.end_array().key("ways").begin_array();
  for (const auto& one : seen.ways) {
    out.begin_object().text("region", one.region->name).text("breaker", one.is_open ? "open" : "closed");
    out.number("in_flight", static_cast<std::int64_t>(one.in_flight)).end_object();
  }
  out.end_array().end_object();
  return body;
}

std::string rows_json(const found_rows& found, std::int64_t id, const topology::topology& world, bool is_local) {
  const auto* part = world.find_deployment_of_service("messaging");
  std::string body;
  json::writer out(body);
  out.begin_object().key("items").begin_array();
  for (const auto& row : found.items) {
    const auto holder = std::ranges::find(part->nodes, row.home->name, &node::region);
    out.begin_object().text("kind", row.kind).id("id", id).text("name", row.name).text("country", row.country);
    out.text("region", row.home->name).text("partition", row.relation).text("node", holder->name);
    out.text(
        "address",
        is_local ? std::optional(fmt::format("{}:{}", holder->address, holder->sql_port)) : std::optional<std::string>()
    );
    out.text("file", is_local ? std::optional(row.file) : std::optional<std::string>());
    write_mover(out, row);
    out.end_object();
  }
  out.end_array().end_object();
  return body;
}

}  // namespace meridian::console
