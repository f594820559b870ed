// Why one record, or one part of an object, could not be used. Hot: no allocation, never fatal.
//
// Faults are counted per object, shown in the summary and kept in the quarantine.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/language.h"

namespace yagura {

enum class FaultCode : uint8_t {
#define FAULT(name, en, ja) name,
#include "base/faults.def"
#undef FAULT
};

struct Fault {
    FaultCode code;
    uint64_t offset = 0;  // bytes from the start of the inflated object
};

// The short stable name ("bad_utf8") used in JSON output, and the sentence people read.
std::string_view fault_name(FaultCode code);
std::string_view fault_sentence(FaultCode code, Language language);

}  // namespace yagura
