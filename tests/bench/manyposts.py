"""A content folder with as many posts as one likes, in English and Italian.

The text is that of the sample site: its paragraphs, lists and code blocks, drawn anew for every
post, always the same for the same number.  Hugo reads the folder, too.
"""
import pathlib
import random
import re

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "content/posts"
TAGS = 200
LANGUAGES = ("en", "it")


def blocks(language):
    """The Markdown blocks of the sample posts in a language that mean the same in any post."""
    found = []
    for path in sorted(SAMPLES.glob(f"*.{language}.md")):
        body = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
        for block in re.split(r"\n\n(?=\S)", body):
            if block.count("```") == 1 or re.search(r"\{\{|<!--|\[\^|^\[|\]\[|<[a-z]", block, re.M):
                continue  # half a fence, a shortcode, a divider, a footnote, a reference, HTML
            found.append(block.strip())
    return found


def article(number, language, text, random_source):
    """One source file; a group's two languages share date and tags."""
    common = random.Random(number)
    tags = sorted({f"tag-{int(TAGS * common.random() ** 2)}" for _ in range(3)})
    date = f"{2010 + number % 15}-{1 + number % 12:02}-{1 + number % 28:02}"
    words = " ".join(random_source.choice(text).split()[:5])
    title = re.sub(r"[^\w ]", "", words) + f" {number}"
    body = random_source.sample(text, random_source.randint(12, 24))
    return "\n".join([
        "---", f'title: "{title}"', f"date: {date}", f"tags: [{', '.join(tags)}]",
        f"categories: [category-{number % 7}]", "---", "",
        body[0], "", "<!--more-->", "", f"## {title}", "", "\n\n".join(body[1:]), ""])


def write(folder, count):
    """`count` files below folder/posts, a new folder for each hundred articles; their bytes."""
    text = {language: blocks(language) for language in LANGUAGES}
    size = 0
    for i in range(count):
        number, language = i // 2, LANGUAGES[i % 2]
        place = pathlib.Path(folder, "posts", f"{number // 100:03}")
        place.mkdir(parents=True, exist_ok=True)
        source = article(number, language, text[language], random.Random(i)).encode()
        (place / f"article-{number:05}.{language}.md").write_bytes(source)
        size += len(source)
    return size
