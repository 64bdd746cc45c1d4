#include "lab/cpu_split.hpp"

namespace meridian::lab {

cpu_split cpu_split::of(const std::vector<int>& usable, bool shared) {
  if (shared || usable.size() < 2) {
    return {usable, usable};
  }
  const auto middle = usable.end() - static_cast<std::ptrdiff_t>(usable.size() / 2);
  return {{middle, usable.end()}, {usable.begin(), middle}};
}

}  // namespace meridian::lab
