#include "identity/guard.hpp"
