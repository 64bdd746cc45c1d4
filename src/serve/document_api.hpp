// The document over HTTP.
#pragma once

#include <vector>

#include "http/router.hpp"
#include "serve/settings.hpp"

namespace meridian::serve {

// GET /openapi.json, /docs, /docs/style.css.
void add_document_routes(http::router& routes);

// What services that are not among these answer: 404 with a problem that names the service, so that whoever sent the
// request to the wrong process learns so.
void add_elsewhere_routes(http::router& routes, const std::vector<service>& served);

}  // namespace meridian::serve
