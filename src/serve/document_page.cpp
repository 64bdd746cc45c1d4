#include <fmt/core.h>

#include <boost/json.hpp>

#include "serve/document.hpp"

namespace meridian::serve {
namespace {

namespace json = boost::json;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += letter;
    }
  }
  return out;
}

// The page as it grows. Whatever of the document has no place here is in /openapi.json.
class page {
 public:
  explicit page(const json::value& document) : document_(document) {}

  std::string write() {
    const auto& info = document_.at("info");
    out_ = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    out_ += "<meta name=\"viewport\" content=\"width=device-width\">\n";
    out_ += fmt::format("<title>{}</title>\n", text_of(info, "title"));
    out_ += "<link rel=\"stylesheet\" href=\"/docs/style.css\">\n</head>\n<body>\n";
    out_ += fmt::format("<h1>{}</h1>\n<p>{}</p>\n", text_of(info, "title"), text_of(info, "description"));
    out_ += "<p>For programs: <a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1)</p>\n";
    for (const auto& tag : document_.at("tags").as_array()) {
      add_group(tag);
    }
    add_schemas();
    return out_ + "</body>\n</html>\n";
  }

 private:
  static std::string text_of(const json::value& from, std::string_view name) {
    const auto* found = from.as_object().if_contains(name);
    return found != nullptr && found->is_string() ? escaped(found->get_string()) : std::string();
  }

  const json::value& resolved(const json::value& given) const {
    const auto* reference = given.is_object() ? given.get_object().if_contains("$ref") : nullptr;
    return reference == nullptr ? given : document_.at_pointer(std::string_view(reference->as_string()).substr(1));
  }

  // "Message" for a reference, "string" or "object" for what has no name.
  static std::string name_of(const json::value& schema) {
    if (const auto* reference = schema.as_object().if_contains("$ref")) {
      const std::string_view pointer = reference->as_string();
      const auto name = pointer.substr(pointer.rfind('/') + 1);
      return fmt::format("<a href=\"#{0}\">{0}</a>", name);
    }
    const auto* type = schema.as_object().if_contains("type");
    if (type == nullptr) {
      return "";
    }
    return type->is_string() ? escaped(type->get_string()) : escaped(json::serialize(*type));
  }

  void add_group(const json::value& tag) {
    const auto name = text_of(tag, "name");
    out_ += fmt::format("<h2 id=\"{0}\">{0}</h2>\n<p>{1}</p>\n", name, text_of(tag, "description"));
    for (const auto& [path, methods] : document_.at("paths").as_object()) {
      for (const auto& [method, described] : methods.as_object()) {
        if (text_of(described.at("tags"), 0) == name) {
          add_operation(path, method, described);
        }
      }
    }
  }

  static std::string text_of(const json::value& list, std::size_t index) {
    return escaped(list.as_array().at(index).as_string());
  }

  void add_operation(std::string_view path, std::string_view method, const json::value& described) {
    std::string verb(method);
    for (auto& letter : verb) {
      letter = static_cast<char>(letter - 'a' + 'A');
    }
    out_ += fmt::format("<h3><code><span class=\"method\">{}</span> {}</code></h3>\n", verb, escaped(path));
    const auto open = described.as_object().contains("security") ? "" : " Needs a session.";
    out_ += fmt::format(
        "<p>{}. {}{}</p>\n<table>\n", text_of(described, "summary"), text_of(described, "description"), open
    );
    if (const auto* parameters = described.as_object().if_contains("parameters")) {
      for (const auto& parameter : parameters->as_array()) {
        add_parameter(resolved(parameter));
      }
    }
    if (const auto* body = described.as_object().if_contains("requestBody")) {
      add_content("body", *body);
    }
    for (const auto& [status, answer] : described.at("responses").as_object()) {
      add_content(status, resolved(answer));
    }
    out_ += "</table>\n";
  }

  void add_parameter(const json::value& parameter) {
    out_ += fmt::format(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n", text_of(parameter, "name"),
        text_of(parameter, "in"), text_of(parameter, "description")
    );
  }

  // A request's body or a response.
  void add_content(std::string_view what, const json::value& described) {
    std::string schema;
    std::string example;
    if (const auto* content = described.as_object().if_contains("content")) {
      const auto& media = content->as_object().begin()->value();
      schema = name_of(media.at("schema"));
      if (const auto* shown = media.as_object().if_contains("example")) {
        example = fmt::format("<pre>{}</pre>", escaped(json::serialize(*shown)));
      }
    }
    out_ += fmt::format(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}{}</td></tr>\n", what, schema, text_of(described, "description"),
        example
    );
  }

  void add_schemas() {
    out_ += "<h2 id=\"schemas\">schemas</h2>\n";
    for (const auto& [name, schema] : document_.at_pointer("/components/schemas").as_object()) {
      out_ += fmt::format("<h3 id=\"{0}\"><code>{0}</code></h3>\n", std::string_view(name));
      out_ += fmt::format("<p>{}</p>\n", text_of(schema, "description"));
      const auto* members = schema.as_object().if_contains("properties");
      if (members == nullptr) {
        out_ += fmt::format("<pre>{}</pre>\n", escaped(json::serialize(schema)));
        continue;
      }
      out_ += "<table>\n";
      for (const auto& [member, its_schema] : members->as_object()) {
        out_ += fmt::format(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n", std::string_view(member), name_of(its_schema),
            text_of(its_schema, "description")
        );
      }
      out_ += "</table>\n";
    }
  }

  const json::value& document_;
  std::string out_;
};

}  // namespace

const std::string& document_page() {
  static const auto made = [] {
    const auto document = json::parse(document_text());
    return page(document).write();
  }();
  return made;
}

}  // namespace meridian::serve
