"""What makes a password good enough. Hashing is elsewhere.

After NIST SP 800-63B-4, 3.1.1.2: a length, a list of what everyone tries first, words of
the account itself, and no rule on the kinds of characters. The length is the
contract's; NIST asks for 15 where there is no second factor.
"""

import unicodedata
from collections.abc import Iterable

from chassis.errors import AppError, Kind, Violation

LENGTH_MIN, LENGTH_MAX = 10, 256

# Those that are long enough to be let in otherwise, in letters and digits alone.
COMMON = frozenset(
    """
    0000000000 0123456789 1020304050 1111111111 1122334455 1212121212 1231231231 1231231234
    1234512345 1234554321 1234567890 12345678900 12345678910 123456789a 1234567891 123456789q
    12345678901 123456781234 1234567899 123456abcdef 123654789a 123qweasdzxc 12qwaszx12qwaszx
    1357924680 1472583690 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 2222222222
    3333333333 4444444444 5555555555 6666666666 7777777777 8888888888 9876543210 9999999999
    abc1234567 abcabcabc1 abcd123456 abcd1234abcd abcde12345 abcdef1234 abcdef123456 abcdefghij
    abcdefghijk abcdefghijkl admin12345 admin123456 administrateur administrator adminadmin
    alexandre1 alexandra1 allezlesbleus americain1 anniversaire antoine123 aqwzsxedcrfv
    arsenal123 asdfasdfasdf asdfghjkl1 asdfghjklz asdfjkl123 automobile azerty1234 azerty12345
    azerty123456 azertyazerty azertyuiop azertyuiop1 azertyuiop123 azertyuiopq azqsazqs12
    barcelona1 barcelone1 baseball12 baseball123 basketball basketball1 bienvenue1 bienvenue123
    blink182blink bonjour123 bonjour1234 bonjourbonjour bordeaux33 butterfly1 californie
    camille123 caroline123 changeme12 changeme123 changezmoi charlotte1 chelsea123 chevalier1
    chocolat12 chocolat123 chocolate1 christophe christophe1 christopher clementine computer12
    computer123 connexion1 counterstrike coucou1234 coucoucoucou default123 doudou1234
    doudoudoudou dragon1234 dragonball dragonball1 dragonballz elisabeth1 elizabeth1 emmanuelle
    entrepreneur facebook12 facebook123 fleurdelys1 football10 football12 football123
    footballeur formule1formule franceamour francefrance francois123 freedom123 frederique
    liverpool12 garfield123 google1234 guillaume1 hello12345 helloworld helloworld1 iloveyou12
    iloveyou123 iloveyou1234 internet12 internet123 isabelle123 jenesaispas jesuischarlie
    jetaime123 jetaimefort jetaimetoi jetaimejetaime johnny1234 juventus10 letmein123
    letmein1234 letmeinnow liverpool1 liverpool123 loulou1234 louloulou1 loveyou123 lovelovelove
    magalimagali manchester manchester1 marseille1 marseille13 marseille13013 master1234
    maximilien maxime1234 michael123 microsoft1 monamour12 monamour123 monbebe123 monchien123
    monchat123 monkey1234 montpellier motdepasse motdepasse1 motdepasse12 motdepasse123
    moncompte1 mypassword mypassword1 naruto1234 newpassword nicolas123 nintendo64 olivier123
    olympique1 ordinateur ordinateur1 p4ssw0rd123 pa55word123 papamaman1 papamaman123
    parissaintgermain parissg123 pass123456 pass1234567 passe12345 passion123 passpass12
    passpass123 passw0rd12 passw0rd123 password00 password01 password10 password11 password12
    password123 password1234 password12345 password2024 password2025 password2026 password99
    passwordpassword playstation playstation3 pokemon123 pokemon1234 portugal10 princesse1
    princess12 princess123 proprietaire q1w2e3r4t5 q1w2e3r4t5y6 qazwsx1234 qazwsxedc1 qazwsxedcrfv
    qwer1234qwer qwerasdfzxcv qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop
    qwertyuiop1 qwertyuiop12 qwertyuiop123 qwertyuiopas qwertzuiop realmadrid realmadrid1
    restaurant rockyou123 samsung123 secret1234 sebastien1 september1 skateboard snowboard1
    soleil1234 spiderman1 spiderman12 spiderman123 starwars12 starwars123 stephanie1 strasbourg
    sunshine12 sunshine123 superman12 superman123 superman1234 telephone1 test123456 testtest12
    testtest123 toulouse31 trustno1trustno1 tweety1234 undertaker username12 vacances123
    valentine1 vendredi13 victoria12 voiture123 welcome123 welcome1234 welcome2025 welcome2026
    whatever12 whatever123 wolverine1 zaqxswcdevfr zidane1998 zinedine10 zxcvbnm123 zxcvbnmasd
    """.split()
)


class WeakPasswordError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "WEAK_PASSWORD"


def normalised(password: str) -> str:
    """One form for all the ways in which keyboards send the same characters."""
    return unicodedata.normalize("NFKC", password)


def guessed(password: str) -> str:
    """The form in which a password given at sign-in is compared; of one too long, nobody's."""
    return normalised(password) if len(password) <= LENGTH_MAX else ""


def checked(password: str, *, words: Iterable[str]) -> str:
    """The password as it is hashed. `words` are of the account: its address, its names.

    Raises WeakPasswordError.
    """
    clean = guessed(password)
    if len(clean) < LENGTH_MIN:
        raise weak(f"{LENGTH_MIN} to {LENGTH_MAX} characters")
    bare = letters_and_digits(clean)
    if bare in COMMON:
        raise weak("not one of the passwords that everyone tries first")
    if bare in {letters_and_digits(word) for word in words} - {""}:
        raise weak("not your own address or name")
    return clean


def letters_and_digits(text: str) -> str:
    """What is left when case and signs, which anyone would vary, are taken off."""
    return "".join(c for c in normalised(text).casefold() if c.isalnum())


def weak(advice: str) -> WeakPasswordError:
    violation = Violation("password", advice)
    return WeakPasswordError(f"the password is too weak: {advice}", violations=(violation,))
