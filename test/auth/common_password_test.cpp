#include "auth/common_password.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

namespace yagura::auth {

TEST_CASE("words everybody takes with digits and marks around them are common") {
    for (const std::string password :
         {"password1234",   "Password1234!",  "P@ssw0rd1234",     "PASSWORDpassword",
          "passw0rd2026!!", "welcome2026!!",  "Summer2026!!!!",   "administrator",
          "Administrator1", "adminadmin123",  "changeme1234",     "letmein12345",
          "iloveyou1234",   "qwertyuiop12",   "1q2w3e4r5t6y",     "1qaz2wsx3edc",
          "asdfghjkl123",   "123456789012",   "0987654321098",    "abcdefghijkl",
          "zyxwvutsrqpo",   "123456123456",   "11111111111111",   "yagurayagura",
          "Yagura-2026-11", "yagura_console", "dragon19901990",   "!QAZ2wsx#EDC4",
          "qweasdzxc123",   "december2025!",  "trustno1trustno1", "abcabcabcabc",
          "passpasspass12"}) {
        CAPTURE(password);
        CHECK(is_common(password));
    }
}

TEST_CASE("phrases, random characters and other scripts are not") {
    for (const std::string password : {"correct horse battery",
                                       "staple of another kind",
                                       "tr0ub4dor&3zebra",
                                       "x7Kq!pLm29vTz",
                                       "gravel-onion-kite",
                                       "かきくけこさしすせそたち",
                                       "Grüße aus Köln 7",
                                       "kUq3-vR8w-TnA5",
                                       "passwordless ships",
                                       "my dog eats apples",
                                       "8f3c1ba97d04",
                                       ""}) {
        CAPTURE(password);
        CHECK_FALSE(is_common(password));
    }
}

TEST_CASE("what is random is practically never common, and what is long costs little") {
    std::mt19937 random(3);
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (int i = 0; i < 2000; ++i) {
        std::string password;
        while (password.size() < 14) password += kLetters[random() % kLetters.size()];
        CAPTURE(password);
        CHECK_FALSE(is_common(password));
    }
    CHECK_FALSE(is_common(std::string(500, 'a') + "b" + std::string(500, 'c')));
    CHECK(is_common(std::string(1024, 'a')));
}

}  // namespace yagura::auth
