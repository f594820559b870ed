// Why the system refused, in the reader's language.
//
//   fail(Code::io, say(message::cannot_open, path, system_reason(errno)));
#pragma once

#include <string>

namespace yagura {

// The system's own sentence, which is English, for numbers that are not in our table.
std::string system_reason(int error_number);

}  // namespace yagura
