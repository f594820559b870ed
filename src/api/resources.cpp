#include "api/embedded.h"
#include "api/route.h"

namespace yagura::api {

#define RESOURCE(name, schemas) extern const Resource name;
#include "api/all.def"
#undef RESOURCE

namespace {

const Described kResources[] = {
#define RESOURCE(name, schemas) {&name, schemas},
#include "api/all.def"
#undef RESOURCE
};

}  // namespace

std::span<const Described> resources() {
    return kResources;
}

}  // namespace yagura::api
