// What CloudTrail's events are done to: which members of requests and responses name it.
#pragma once

#include "logtype/resource_fields.h"

namespace yagura::logtype {

extern const ResourceFields kCloudtrailResources;

}  // namespace yagura::logtype
