#include "support/bad_input.hpp"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "support/openapi.hpp"

namespace meridian::test {
namespace {

namespace json = boost::json;

std::string_view text_in(const json::object& schema, std::string_view name) {
  const auto* value = schema.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

// The first one that is not null, where there are several.
std::string_view type_in(const json::object& schema) {
  const auto* types = schema.if_contains("type");
  return types != nullptr && types->is_array() ? std::string_view(types->as_array().front().as_string())
                                               : text_in(schema, "type");
}

const json::array& required_in(const json::object& schema) {
  static const json::array none;
  const auto* names = schema.if_contains("required");
  return names == nullptr ? none : names->as_array();
}

std::optional<std::int64_t> number_in(const json::object& schema, std::string_view name) {
  const auto* value = schema.if_contains(name);
  return value == nullptr ? std::nullopt : std::optional(value->to_number<std::int64_t>());
}

json::string repeated(std::string_view letter, std::int64_t count) {
  json::string text;
  for (std::int64_t i = 0; i < count; ++i) {
    text += letter;
  }
  return text;
}

void add_texts(const json::object& schema, std::vector<json::value>& bad) {
  bad.insert(bad.end(), {true, 12, 1.5, json::array{"a"}, json::object{{"a", "b"}}});
  if (schema.contains("enum")) {
    bad.insert(bad.end(), {"", "nobody", "Owner", " owner"});
    return;
  }
  if (text_in(schema, "format") == "date-time") {
    bad.insert(bad.end(), {"", "yesterday", "2030-01-01", "2030-13-01T00:00:00Z", "2030-01-01T25:00:00Z"});
  }
  const auto least = number_in(schema, "minLength").value_or(0);
  if (const auto most = number_in(schema, "maxLength")) {
    bad.emplace_back(repeated("a", *most + 1));
    bad.emplace_back(repeated("\xC3\xA9", *most + 1));                      // letters are counted, not bytes
    bad.emplace_back(repeated("\xF0\x9F\x91\x8D", *most + *most / 4 + 1));  // and there may be many
  }
  if (least > 0) {
    bad.emplace_back(repeated("a", least - 1));
  }
  auto with_nul = repeated("a", least);
  with_nul.push_back('\0');
  bad.emplace_back(std::move(with_nul));
}

void add_ids(std::vector<json::value>& bad) {
  bad.insert(
      bad.end(), {true, 0, -5, 1.5, json::array{"1"}, json::object(), "", "0", "-1", "+1", "01", " 1", "1 ", "0x10",
                  "1e3", "one", "9223372036854775808", "99999999999999999999999999", 18446744073709551615ULL}
  );
}

void add_numbers(const json::object& schema, std::vector<json::value>& bad) {
  bad.insert(bad.end(), {true, "5", 1.5, 1e300, json::array{5}, json::object(), 18446744073709551615ULL});
  if (const auto least = number_in(schema, "minimum")) {
    bad.emplace_back(*least - 1);
  }
  if (const auto most = number_in(schema, "maximum")) {
    bad.emplace_back(*most + 1);
  }
}

void add_lists(const json::object& schema, std::vector<json::value>& bad) {
  bad.insert(bad.end(), {true, "1", 1, json::object()});
  for (const auto& element : values_against(schema.at("items"))) {
    bad.emplace_back(json::array{element});
  }
  bad.emplace_back(json::array{nullptr});
  if (const auto most = number_in(schema, "maxItems")) {
    json::array many;
    for (std::int64_t id = 1; id <= *most + 1; ++id) {
      many.emplace_back(std::to_string(id));
    }
    bad.emplace_back(std::move(many));
  }
}

// A right value for what a schema requires: ids are all that the alternatives without an example ask for.
json::value right_value(const json::object& schema) {
  return type_in(schema) == "array" ? json::value(json::array{"5"}) : json::value("5");
}

json::object right_body(const json::object& schema, const json::object& example) {
  json::object right;
  for (const auto& name : required_in(schema)) {
    if (!example.contains(name.as_string())) {
      const auto& member = schema.at("properties").at(name.as_string());
      right.emplace(name.as_string(), right_value(openapi::product().resolved(member).as_object()));
    }
  }
  return right.empty() ? example : right;
}

std::string shortened(const json::value& value) {
  auto text = json::serialize(value);
  return text.size() <= 60 ? text : fmt::format("{}... ({} bytes)", text.substr(0, 60), text.size());
}

}  // namespace

std::vector<json::value> values_against(const json::value& given) {
  const auto& schema = openapi::product().resolved(given).as_object();
  const auto type = type_in(schema);
  std::vector<json::value> bad;
  if (type == "string" && text_in(schema, "pattern").starts_with("^[1-9][0-9]")) {
    add_ids(bad);
  } else if (type == "string") {
    add_texts(schema, bad);
  } else if (type == "integer") {
    add_numbers(schema, bad);
  } else if (type == "boolean") {
    bad = {"true", "", 1, 0, json::array(), json::object()};
  } else if (type == "array") {
    add_lists(schema, bad);
  }
  return bad;
}

std::vector<bad_input> bodies_against(const json::value& given, const json::object& example) {
  const auto& schema = openapi::product().resolved(given).as_object();
  std::vector<bad_input> bad;
  if (const auto* alternatives = schema.if_contains("oneOf")) {
    for (const auto& one : alternatives->as_array()) {
      const auto more = bodies_against(one, example);
      bad.insert(bad.end(), more.begin(), more.end());
    }
    return bad;
  }
  const auto right = right_body(schema, example);
  const auto add = [&](const std::string& name, const json::value* value) {
    auto body = right;
    body.erase(name);
    if (value != nullptr) {
      body.emplace(name, *value);
    }
    const auto what = value == nullptr ? name + " is missing" : fmt::format("{}: {}", name, shortened(*value));
    bad.push_back({what, json::serialize(body), name});
  };
  for (const auto& [name, member] : schema.at("properties").as_object()) {
    for (const auto& value : values_against(member)) {
      add(std::string(name), &value);
    }
  }
  for (const auto& required : required_in(schema)) {
    const std::string name(required.as_string());
    if (right.size() == 1 && !example.contains(name)) {
      continue;
    }
    const json::value nothing;
    add(name, nullptr);
    add(name, &nothing);
  }
  return bad;
}

std::vector<bad_input> malformed_bodies() {
  const std::string deep_lists(100'000, '[');
  std::string deep_objects;
  for (int depth = 0; depth < 20; ++depth) {
    deep_objects += R"({"text":)";
  }
  deep_objects += "1" + std::string(20, '}');
  return {
      {"half an object", R"({"text": "a)", ""},
      {"two objects", R"({"text": "a"} {"text": "b"})", ""},
      {"a trailing comma", R"({"text": "a",})", ""},
      {"a comment", R"({"text": "a" /* b */})", ""},
      {"single quotes", R"({'text': 'a'})", ""},
      {"a line break in a text", "{\"text\": \"a\nb\"}", ""},
      {"NaN", R"({"seq": NaN})", ""},
      {"a form", "text=a&seq=1", ""},
      {"a list", R"([{"text": "a"}])", ""},
      {"a text", R"("text")", ""},
      {"a number", "17", ""},
      {"null", "null", ""},
      {"only blanks", "   ", ""},
      {"a byte order mark", "\xEF\xBB\xBF{\"text\": \"a\"}", ""},
      {"UTF-16", std::string("\xFF\xFE{\0\"\0", 6), ""},
      {"a stray continuation byte", "{\"text\": \"a\x80\"}", ""},
      {"a cut letter", "{\"text\": \"a\xC3\"}", ""},
      {"an overlong letter", "{\"text\": \"\xC0\xAF\"}", ""},
      {"a surrogate in UTF-8", "{\"text\": \"\xED\xA0\x80\"}", ""},
      {"a letter beyond Unicode", "{\"text\": \"\xF4\x90\x80\x80\"}", ""},
      {"half a surrogate pair", R"({"text": "\ud83d"})", ""},
      {"a member name that is not UTF-8", "{\"te\xFFxt\": \"a\"}", ""},
      {"lists in lists", deep_lists, ""},
      {"objects in objects", deep_objects, ""},
  };
}

std::vector<bad_input> queries_against(const json::object& parameter) {
  const std::string name(parameter.at("name").as_string());
  const auto& schema = openapi::product().resolved(parameter.at("schema")).as_object();
  std::vector<bad_input> bad;
  const auto add = [&](const std::string& value) {
    bad.push_back({fmt::format("{}={:.60}", name, value), fmt::format("{}={}", name, value), name});
  };
  const auto type = type_in(schema);
  if (type == "integer") {
    for (const auto* value : {"", "x", "1.5", "1e1", "%2B1", "0x1", "1%20", "9223372036854775808", "%D9%A1"}) {
      add(value);
    }
    if (const auto least = number_in(schema, "minimum")) {
      add(std::to_string(*least - 1));
    }
    if (const auto most = number_in(schema, "maximum")) {
      add(std::to_string(*most + 1));
    }
  } else if (type == "boolean") {
    for (const auto* value : {"x", "1", "TRUE", "true%20"}) {
      add(value);
    }
  } else if (name == "cursor") {
    for (const auto* value :
         {"x%20y", "AAAA", "MTph", "MTphMTphMTphMTphMTphMTphMTphMTphMTph", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6YQ"}) {
      add(value);
    }
    add(std::string(2000, 'A'));
  } else if (const auto most = number_in(schema, "maxLength")) {
    add(std::string(static_cast<std::size_t>(*most) + 1, 'a'));
  }
  return bad;
}

}  // namespace meridian::test
