#include "serve/document.hpp"

#include <boost/json.hpp>

#include "serve/docs_css.hpp"
#include "serve/openapi_json.hpp"

namespace meridian::serve {

const std::string& document_text() {
  static const auto whole = [] {
    std::string text;
    for (const auto part : openapi_json) {
      text += part;
    }
    return text;
  }();
  return whole;
}

std::string_view document_style() {
  return docs_css[0];
}

const std::vector<operation>& document_operations() {
  static const auto all = [] {
    std::vector<operation> found;
    const auto document = boost::json::parse(document_text());
    for (const auto& [path, methods] : document.at("paths").as_object()) {
      for (const auto& [method, described] : methods.as_object()) {
        std::string name(method);
        for (auto& letter : name) {
          letter = static_cast<char>(letter - 'a' + 'A');
        }
        const auto verb = http::find_verb(name);
        const auto service = described.at("x-meridian-service").as_string();
        found.push_back(operation{verb.value(), std::string(path), std::string(service)});
      }
    }
    return found;
  }();
  return all;
}

}  // namespace meridian::serve
