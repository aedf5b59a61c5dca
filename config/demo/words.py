"""Invented names. None of these companies or people exists."""

# ruff: noqa: SIM905 - a hundred words, one a line, would be no easier to read

FIRST = """
    Amber Anchor Apex Arbor Atlas Aurora Basalt Beacon Birch Blue Bright Brook Canvas Cedar Cinder Clear Cobalt
    Copper Coral Crest Delta Drift Dune Ember Ever Falcon Fern Field Flint Forge Frost Gale Garnet Glacier Grain
    Granite Grove Harbor Haven Hazel Heron Hollow Indigo Iron Ivory Jade Juniper Kestrel Kite Lantern Lark
    Laurel Ledger Linden Lumen Maple Marble Meadow Merid Mint Mosaic Nimbus North Nova Oak Onyx Opal Orchard
    Otter Parcel Pebble Pine Polar Prairie Quartz Quill Raven Ridge River Robin Rowan Saffron Sage Salt Silver
    Slate Spruce Stone Summit Swift Tallow Tern Thistle Tide Timber Topaz Umber Valley Verd Vertex Violet Walnut
    Willow Wren Zephyr
""".split()
SECOND = """
    Analytics Atelier Bank Bikes Biotech Books Brewing Build Cargo Care Clinics Cloud Commerce Contracts Control
    Dental Design Diagnostics Energy Events Farms Fashion Films Finance Fleet Foods Freight Games Garden Health
    Hotels Insurance Interiors Kitchens Labs Law Learning Legal Lending Living Logistics Loop Market Media
    Medical Mobility Motors Music Networks Optics Outdoors Payments Pharma Power Press Print Properties Rail
    Recruit Retail Robotics Schools Security Software Solar Sports Studio Supply Systems Telecom Textiles Tools
    Travel Ventures Water Works
""".split()
LEGAL = ("", "", "", "", " Ltd", " SAS", " GmbH", " Inc.", " SRL", " Group")
# Where customers came from, and how many of them.
CHANNELS = ["Search", "Partners", "Referral", "Events", "Website"]
# Large customers are met, small ones come by themselves.
CHANNELS_OF = {
    "enterprise": [0.00, 0.40, 0.10, 0.50, 0.00],
    "mid": [0.30, 0.30, 0.10, 0.10, 0.20],
    "small": [0.45, 0.00, 0.20, 0.00, 0.35],
    "startup": [0.42, 0.00, 0.18, 0.00, 0.40],
}

INDUSTRIES = [
    "Software",
    "Finance",
    "Health",
    "Retail",
    "Logistics",
    "Education",
    "Media",
    "Energy",
    "Manufacturing",
    "Hospitality",
]
PLACES = (
    ("France", "Europe/Paris", "fr"),
    ("Germany", "Europe/Berlin", "en"),
    ("Romania", "Europe/Bucharest", "ro"),
    ("United Kingdom", "Europe/London", "en"),
    ("United States", "America/New_York", "en"),
    ("United States", "America/Los_Angeles", "en"),
    ("Canada", "America/Toronto", "en"),
    ("Japan", "Asia/Tokyo", "en"),
    ("India", "Asia/Kolkata", "en"),
    ("Australia", "Australia/Sydney", "en"),
)
GIVEN = """
    Ada Adrien Agnes Alina Amara Ana Andrei Anouk Ben Bianca Camille Carmen Chen Clara Cosmin Daria David Dev
    Diana Elena Elias Emil Emma Erik Eva Felix Fatima Flora Gabriel Grace Hana Hugo Ines Ioana Iris Ivan Jan
    Jonas Julia Kai Karim Kenji Laura Lea Leo Lina Louis Luca Maria Marius Maya Mihai Mila Nadia Nils Noah Nora
    Oana Omar Oscar Paul Petra Priya Radu Rosa Ruth Sam Sara Sofia Stefan Theo Tom Uma Vera Victor Wei Yara Yuki
    Zoe
""".split()
FAMILY = """
    Abbas Alves Bauer Bernard Blanc Bose Brown Cole Constantin Costa Dahl Dubois Dumitru Ferrari Fischer
    Fontaine Garcia Georgescu Gray Haas Hall Hansen Ionescu Ito Jansen Khan Klein Kovacs Lambert Lang Lee Lopez
    Marin Martin Mehta Meyer Moreau Mori Muller Nagy Neagu Novak Okafor Olsen Patel Petit Popa Popescu Quinn Ray
    Rossi Roy Sato Schmidt Silva Singh Stan Stone Suzuki Tanaka Torres Tran Vidal Vogel Wang Weber White Wolf
    Wong Young Zeller
""".split()
TITLES = (
    "Head of Operations",
    "IT Manager",
    "Team Lead",
    "Product Owner",
    "Office Manager",
    "COO",
    "Analyst",
    "Project Manager",
)
THEMES = {
    "integration": (
        "The CRM sync stopped overnight", "Webhook answers 401 since the update", "Field mapping loses the owner",
        "Can the integration filter by team?",
    ),
    "performance": ("Reports take minutes to open", "Search is slow in the morning", "Export times out"),
    "billing": ("The invoice shows the wrong seats", "How do we change the card?", "VAT number is missing"),
    "permissions": ("A viewer can edit boards", "How do we give a contractor access?", "SSO group not applied"),
    "reporting": ("Totals differ from the export", "Which date does this chart use?", "How to share a dashboard?"),
    "onboarding": ("Where do new colleagues start?", "Import of our old data failed", "Is there a training?"),
}  # fmt: skip
PRAISE = (
    "Saves us hours every week.", "The team likes it, support answers quickly.", "Reporting is the best we have had.",
    "Easy to roll out to a new team.", "", "",
)  # fmt: skip
LUKEWARM = ("Does what it should.", "Good, but the mobile app is slow.", "We use only a part of it.", "", "")
COMPLAINTS = (
    "The integration breaks every month.", "Too expensive for what we use.", "Nobody called back about our ticket.",
    "Our champion left and nobody knows how it works.", "Reports are too slow to be useful.",
)  # fmt: skip
CALLS = (
    "Went through the open points; they want the export before their board meeting.",
    "Quarterly review: usage is up in two teams, the third has not started yet.",
    "They are comparing us with another tool; price came up twice.",
    "New head of operations, wants a walk through reports next week.",
    "Happy with the roll-out. Asked about more seats for the sales team.",
    "Could not reproduce the sync problem together; asked for logs.",
)
MEETINGS = (
    "Worked with the team on site: reports by department, and rights for the new office.",
    "Training for the second team, then open questions of the administrators.",
    "Built the approval flow together; they take it live with the next project.",
    "Review with the sponsor: what was reached this quarter, what the next one is for.",
    "Cleaned up boards and templates with the champions, and wrote down their house rules.",
)
NOTES = (
    "Prefers mail to calls before noon.", "Procurement needs eight weeks for any change of contract.",
    "Their fiscal year ends in March: talk about renewal in January.", "The champion is on leave until next month.",
    "Interested in the beta of scheduled exports.",
)  # fmt: skip
