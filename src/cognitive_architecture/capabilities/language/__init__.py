"""Pure functions on English text: no files, no clock, no chance; the same text, the same answer.

    text ─▶ paragraphs ─▶ sentences ─┐
      └───▶ tokens ──────────────────┴─▶ Document ─▶ counts, readability, keywords, entities
                                                 └─▶ quotations ─▶ speakers (who says what)

Everything found carries ``start`` and ``end``, and ``text[start:end]`` is what was found. Offsets
count code points, as Python does. All of it takes time linear in the length of the text.
"""
