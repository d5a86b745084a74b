"""A garden shop that speaks English, and what its customers send: short, misspelt, run together, Hindi mixed in; and what is none of its business."""

from intents.matching.matcher import Matcher
from tests.matching.brand import PLACES, intent

INTENTS = (
    intent(
        "order_status",
        "Order status",
        "where is my order|when will my order arrive|track my order|has my order been shipped|my plants have not arrived yet|"
        "order tracking|what is the status of my order|how long until it gets here|delivery is late|still waiting for my parcel",
    ),
    intent(
        "delivery_area",
        "Delivery area",
        "do you deliver to my area|do you ship to other cities|is delivery available in my city|can you deliver outside town|"
        "where do you deliver|do you deliver to the islands|do you send plants abroad|delivery locations",
    ),
    intent(
        "delivery_fee",
        "Delivery charges",
        "how much is delivery|what are the shipping charges|is delivery free|delivery cost|do i pay for shipping|"
        "free delivery above what amount|why is shipping so expensive|delivery charges",
    ),
    intent(
        "return",
        "Returns",
        "i want to return a plant|how do i return an item|can i exchange this pot|return policy|i want my money back|"
        "how to get a refund|refund for a dead plant|can i send it back",
    ),
    intent(
        "dead_plant",
        "Plant arrived damaged",
        "my plant arrived dead|the leaves were broken on arrival|the pot was cracked|plant came damaged|"
        "my plant is dying after one week|the box was crushed|it arrived with brown leaves|received a rotten plant",
    ),
    intent(
        "watering",
        "Watering",
        "how often should i water it|how much water does a fern need|watering schedule|can i water too much|"
        "do succulents need water every day|when to water my plant|how do i water orchids",
    ),
    intent(
        "sunlight",
        "Light",
        "does it need direct sunlight|can i keep it indoors|which plants grow in shade|best spot for my plant|"
        "how much sun does it need|is a balcony too sunny|low light plants",
    ),
    intent(
        "fertiliser",
        "Fertiliser and soil",
        "which fertiliser should i use|what soil is best|how often do i feed it|do you sell potting mix|"
        "is compost included|organic fertiliser|soil for cactus",
    ),
    intent(
        "price",
        "Prices",
        "what does the rose bush cost|price of bonsai|how much for ten seedlings|price list please|cost of a large pot|"
        "what is the price|how expensive are your trees",
    ),
    intent(
        "offers",
        "Offers",
        "any discount|do you have a coupon code|is there a sale on|offers on pots|any deals this week|promo code not working|festival offer",
    ),
    intent(
        "payment",
        "Payment",
        "can i pay cash on delivery|which cards do you accept|my payment failed|do you take upi|pay in instalments|money deducted but no order",
    ),
    intent(
        "opening",
        "Opening hours",
        "when are you open|what time do you close|are you open on sunday|opening hours|is the nursery open today|closing time",
    ),
    intent(
        "location",
        "Where we are",
        "where is your nursery|shop address|how do i get to your store|do you have a store near me|directions to the shop|is there parking",
    ),
    intent(
        "cancel",
        "Cancel an order",
        "cancel my order|i ordered by mistake|how can i cancel|stop my order please|i do not want it anymore|change my order",
    ),
)

MEANT = {
    "order_status": (
        "whr is my ordr|wher is my oder|my order status pls|trackmy order|ordr not arived|mera order kaha hai|wen wil my order come|order kab milega|"
        "stil waiting 4 my parcel|is my order shiped"
    ),
    "delivery_area": "do u delivr to my city|delivery avlbl in my area?|u ship 2 other citys|doyou deliver here",
    "delivery_fee": "delivery chrges|hw much is shiping|is delivry free|shipping cost kitna hai",
    "return": "want to retrun plant|refnd pls|how 2 return|i wnt my money back|money wapas chahiye|exchange pot",
    "dead_plant": "plant came ded|pot was craked|leaves brokn when it came|my plant arived damaged",
    "watering": "how oftn to water|watr schedule|hw much watr fern need|howoften should i water",
    "sunlight": "does it need sunlite|can i keep it indoor|low lite plants|direct sun ok?",
    "fertiliser": "which fertilizer|wat soil is best|potting mix u sell?|best soil for cactuss",
    "price": "prise of bonsai|wats the price|price list plz|rose bush kitne ka hai",
    "offers": "any discont|coupon code?|any offr on pots|promocode not working|sale is on?",
    "payment": "cash on delvry?|payment faild|u accept cards|upi hai kya|cashon delivery",
    "opening": "wen r u open|open on sundy?|closing tym|opening hrs",
    "location": "shop adress|where is ur nursery|store near me|directions 2 shop",
    "cancel": "cancl my order|pls cancel|want to cancle order|cancelmy order",
}
FOREIGN = (
    "lol|kya haal hai|u there|who won the match|i love u|tell me a joke|whats ur name bro|good morning|my exam is tmrw|recharge my phone|book a cab to airport|"
    "play some music|is it going to rain|what is the capital of france|send me ur photo|call me|i have a fever|movie tickets for tonight|share market tips|"
    "how to learn python|ok bye|hahaha|need a job|loan chahiye|tv remote not working"
)

MATCHER = Matcher(INTENTS, PLACES)
