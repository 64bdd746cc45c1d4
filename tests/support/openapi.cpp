#include "support/openapi.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>

#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "runtime/file.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

// How many segments are the same word; none when the pattern does not match.
std::optional<int> match_of(std::string_view pattern, std::string_view path) {
  const auto wanted = segments_of(pattern);
  const auto given = segments_of(path);
  int literals = 0;
  for (std::size_t i = 0; i < wanted.size() && wanted.size() == given.size(); ++i) {
    if (wanted[i] == given[i]) {
      ++literals;
    } else if (!wanted[i].starts_with('{') || given[i].empty()) {
      return std::nullopt;
    }
  }
  return wanted.size() == given.size() ? std::optional(literals) : std::nullopt;
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return lower;
}

const std::string* find_header(const header_fields& headers, std::string_view name) {
  for (const auto& [known, value] : headers) {
    if (in_lower_case(known) == in_lower_case(name)) {
      return &value;
    }
  }
  return nullptr;
}

// What the server itself refuses, whatever was asked for.
bool is_of_the_server(int status) {
  return status >= 500 || status == 408 || status == 413 || status == 414 || status == 431;
}

}  // namespace

struct openapi::parts {
  const json::value& resolved(const json::value& given) const {
    const auto* object = given.if_object();
    const auto* reference = object == nullptr ? nullptr : object->if_contains("$ref");
    return reference == nullptr ? given : document.at_pointer(std::string_view(reference->as_string()).substr(1));
  }

  // nullptr when there is none.
  const json::object* find_path(std::string_view path) const {
    const json::object* best = nullptr;
    int best_literals = -1;
    for (const auto& [pattern, methods] : document.at("paths").as_object()) {
      const auto literals = match_of(pattern, path);
      if (literals && *literals > best_literals) {
        best = &methods.as_object();
        best_literals = *literals;
      }
    }
    return best;
  }

  json::value document;
};

openapi::openapi() : parts_(std::make_unique<parts>()) {
  const auto text = read_file(std::string(MERIDIAN_SOURCE_DIRECTORY) + "/api/openapi.json");
  parts_->document = json::parse(text.value());
}

openapi::~openapi() = default;

const openapi& openapi::product() {
  static const openapi read;
  return read;
}

const json::value& openapi::document() const {
  return parts_->document;
}

const json::value& openapi::resolved(const json::value& given) const {
  return parts_->resolved(given);
}

bool openapi::operation::needs_session() const {
  const auto* security = description->if_contains("security");
  return security == nullptr || !security->as_array().empty();
}

std::vector<openapi::operation> openapi::operations() const {
  std::vector<operation> found;
  for (const auto& [path, methods] : parts_->document.at("paths").as_object()) {
    for (const auto* method : {"get", "post", "put", "patch", "delete"}) {
      if (const auto* described = methods.as_object().if_contains(method)) {
        std::string verb(method);
        std::ranges::transform(verb, verb.begin(), [](unsigned char letter) { return std::toupper(letter); });
        found.push_back({verb, std::string(path), &described->as_object()});
      }
    }
  }
  return found;
}

std::string openapi::fault_in(const json::value& schema, const json::value& value) const {
  const auto key = json::serialize(schema);
  thread_local std::map<std::string, valijson::Schema> known;  // by their text; clients of a test have threads
  if (!known.contains(key)) {
    // References are looked up from the root of what is parsed.
    json::object whole;
    whole["components"] = parts_->document.at("components");
    whole["allOf"] = json::array{schema};
    const json::value rooted = std::move(whole);
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::BoostJsonAdapter(rooted), known[key]);
  }
  valijson::Validator validator;
  valijson::ValidationResults results;
  if (validator.validate(known[key], valijson::adapters::BoostJsonAdapter(value), &results)) {
    return "";
  }
  std::string faults;
  valijson::ValidationResults::Error found;
  while (results.popError(found)) {
    std::string place;
    for (const auto& step : found.context) {
      place += step;
    }
    faults += fmt::format("{}: {}\n", place, found.description);
  }
  return faults + json::serialize(value);
}

std::string openapi::fault_in(const std::string& method, std::string_view target, const observed_answer& answer) const {
  const auto path = target.substr(0, target.find('?'));
  const auto* methods = parts_->find_path(path);
  const auto where = fmt::format("{} {} -> {}: ", method, path, answer.status);
  if (methods == nullptr) {
    return answer.status == 404 ? "" : where + "an undocumented path";
  }
  const auto* described = methods->if_contains(in_lower_case(method));
  if (described == nullptr) {
    return answer.status == 405 ? "" : where + "an undocumented method";
  }
  const auto& responses = described->at("responses").as_object();
  const auto* response = responses.if_contains(std::to_string(answer.status));
  if (response == nullptr && is_of_the_server(answer.status)) {
    response = responses.if_contains("default");
  }
  if (response == nullptr) {
    return where + "an undocumented status: " + answer.body;
  }
  const auto& promised = parts_->resolved(*response).as_object();
  if (const auto* headers = promised.if_contains("headers")) {
    for (const auto& [name, reference] : headers->as_object()) {
      const auto& header = parts_->resolved(reference).as_object();
      const auto* value = find_header(answer.headers, name);
      const bool required = header.contains("required") && header.at("required").as_bool();
      if (value == nullptr) {
        if (required) {
          return where + "without the header " + std::string(name);
        }
        continue;
      }
      if (const auto fault = fault_in(header.at("schema"), json::value(*value)); !fault.empty()) {
        return fmt::format("{}the header {}: {}", where, std::string_view(name), fault);
      }
    }
  }
  const auto* content = promised.if_contains("content");
  if (content == nullptr) {
    return answer.body.empty() ? "" : where + "a body where none was promised: " + answer.body;
  }
  const auto* type = find_header(answer.headers, "Content-Type");
  const auto media = type == nullptr ? "" : type->substr(0, type->find(';'));
  const auto* shape = content->as_object().if_contains(media);
  if (shape == nullptr) {
    // /readyz says 503 for itself, and the server says so too.
    const bool is_problem = media == "application/problem+json" && is_of_the_server(answer.status);
    return is_problem ? "" : where + "an undocumented content type: " + media;
  }
  if (!media.ends_with("json")) {
    return "";
  }
  boost::system::error_code malformed;
  const auto body = json::parse(answer.body, malformed);
  if (malformed) {
    return where + "the body is not JSON: " + answer.body;
  }
  const auto fault = fault_in(shape->at("schema"), body);
  return fault.empty() ? "" : where + fault;
}

}  // namespace meridian::test
