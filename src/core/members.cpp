#include "core/members.h"

#include "core/text.h"

namespace kith {

std::string Members::name(Uid uid) const {
  return is_service(uid) ? service : "node " + std::to_string(uid);
}

std::string Members::names(const std::vector<Uid>& uids) const {
  constexpr std::size_t kNamed = 3;
  const bool ends_in_service = !uids.empty() && is_service(uids.back());
  const std::size_t learners = uids.size() - (ends_in_service ? 1 : 0);
  if (learners == 0 && ends_in_service) return service;
  std::vector<std::string> named;
  for (std::size_t i = 0; i < learners && i < kNamed; ++i) named.push_back(std::to_string(uids[i]));
  const std::size_t more = learners - named.size();
  return (learners == 1 ? "node " : "nodes ") + join(named) +
         (more > 0 ? " and " + std::to_string(more) + " more" : "") +
         (ends_in_service ? " and " + service : "");
}

}  // namespace kith
