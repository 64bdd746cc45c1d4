// English, the first language.
#pragma once

#include "calendar/language.hpp"

namespace meridian::calendar::english {

extern const language spoken;

}  // namespace meridian::calendar::english
