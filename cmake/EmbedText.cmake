# cmake -DINPUT=… -DOUTPUT=… -DMODULE=… -DNAME=… -P EmbedText.cmake: one text file as a string_view.
file(READ ${INPUT} text)
file(WRITE ${OUTPUT} "#include <string_view>\n\nnamespace yagura::${MODULE} {\nextern const std::string_view ${NAME};\nconst std::string_view ${NAME} = R\"embedded_text(${text})embedded_text\";\n}  // namespace yagura::${MODULE}\n")
