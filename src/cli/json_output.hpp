// What --json prints of things that several commands show.
#pragma once

#include <boost/json/object.hpp>

#include "cluster/engine.hpp"

namespace meridian::cli {

boost::json::object describe_link(const cluster::link_state& link);

}  // namespace meridian::cli
