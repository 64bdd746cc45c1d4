// The document and the program say the same.
#include "serve/document.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "serve/lane.hpp"
#include "topology/topology_file.hpp"

namespace meridian::serve {
namespace {

namespace json = boost::json;

topology::topology local_topology() {
  return topology::read_topology(std::string(MERIDIAN_SOURCE_DIR) + "/config/local.toml").value();
}

// A lane that never runs: nothing of it connects anywhere.
struct still_lane {
  explicit still_lane(std::vector<service> services) : state(world, world.regions.front(), told(services), pool) {}

  static process_settings told(std::vector<service> services) {
    process_settings settings;
    settings.services = std::move(services);
    return settings;
  }

  topology::topology world = local_topology();
  cpu_pool pool{1, 1};
  process_state state;
  lane held{state, world.deployments.front()};
};

// "GET /v1/channels/{id}", as the document has it.
std::string line_of(http::verb method, const std::string& pattern) {
  std::string path;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto end = pattern[i] == ':' ? pattern.find('}', i) : i;
    i = end;
    path += pattern[i];
  }
  return fmt::format("{} {}", to_string(method), path);
}

std::set<std::string> lines_of(const http::router& routes) {
  std::set<std::string> lines;
  for (const auto& route : routes.routes()) {
    lines.insert(line_of(route.method, route.pattern));
  }
  return lines;
}

std::set<std::string> documented() {
  std::set<std::string> lines;
  for (const auto& [method, path, service] : document_operations()) {
    lines.insert(line_of(method, path));
  }
  return lines;
}

TEST(document, has_every_route_and_no_other) {
  still_lane all({std::begin(all_services), std::end(all_services)});
  EXPECT_EQ(lines_of(all.held.make_routes()), documented());
}

TEST(document, names_the_service_of_each_route) {
  for (const auto served : all_services) {
    still_lane alone({served});
    const auto routes = alone.held.make_routes();
    // What the service itself does not register is registered as being elsewhere: together they are the document.
    EXPECT_EQ(lines_of(routes), documented()) << to_string(served);
    EXPECT_EQ(routes.routes().size(), documented().size()) << to_string(served);
  }
}

TEST(document, has_operations_that_tell_themselves_apart) {
  const auto whole = json::parse(document_text());
  EXPECT_EQ(whole.at("openapi"), "3.1.0");
  std::set<std::string> ids;
  for (const auto& [path, methods] : whole.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second) << operation;
      EXPECT_FALSE(operation.at("summary").as_string().empty());
    }
  }
}

// Every "$ref" of the tree.
void collect(const json::value& from, std::set<std::string>& references) {
  if (const auto* object = from.if_object()) {
    for (const auto& [name, value] : *object) {
      if (name == "$ref") {
        references.insert(std::string(value.as_string()));
      }
      collect(value, references);
    }
  }
  if (const auto* array = from.if_array()) {
    for (const auto& value : *array) {
      collect(value, references);
    }
  }
}

TEST(document, refers_to_what_is_there_and_has_nothing_that_nobody_refers_to) {
  const auto whole = json::parse(document_text());
  std::set<std::string> references;
  collect(whole, references);
  for (const auto& reference : references) {
    boost::system::error_code missing;
    EXPECT_NE(whole.find_pointer(reference.substr(1), missing), nullptr) << reference;
  }
  for (const auto& [kind, parts] : whole.at("components").as_object()) {
    for (const auto& [name, part] : parts.as_object()) {
      const auto reference = fmt::format("#/components/{}/{}", std::string_view(kind), std::string_view(name));
      EXPECT_TRUE(kind == "securitySchemes" || references.contains(reference)) << reference;
    }
  }
}

TEST(document, names_each_path_parameter) {
  const auto whole = json::parse(document_text());
  for (const auto& [path, methods] : whole.at("paths").as_object()) {
    const auto braces = std::ranges::count(path, '{');
    for (const auto& [method, operation] : methods.as_object()) {
      const auto* parameters = operation.as_object().if_contains("parameters");
      std::ptrdiff_t named = 0;
      for (const auto& one : parameters == nullptr ? json::array() : parameters->as_array()) {
        const auto* reference = one.as_object().if_contains("$ref");
        const auto& full =
            reference == nullptr ? one : whole.at_pointer(std::string_view(reference->as_string()).substr(1));
        const auto name = fmt::format("{{{}}}", std::string_view(full.at("name").as_string()));
        named += full.at("in") == "path" ? 1 : 0;
        EXPECT_TRUE(full.at("in") != "path" || path.find(name) != std::string_view::npos) << path << " " << name;
      }
      EXPECT_EQ(named, braces) << path << " " << method;
    }
  }
}

TEST(document, is_a_page_without_scripts) {
  const auto& page = document_page();
  for (const auto& [method, path, service] : document_operations()) {
    EXPECT_THAT(page, testing::HasSubstr("</span> " + path + "</code>"));
  }
  EXPECT_THAT(page, testing::Not(testing::HasSubstr("<script")));
  EXPECT_FALSE(document_style().empty());
}

}  // namespace
}  // namespace meridian::serve
