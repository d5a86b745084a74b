"""Lines as people really type them to a brand's account, with what is to be done and why; against the intents of the release.

``intent``: answer it. ``?a b``: ask back, and offer at least one of these. ``-``: do not answer; say honestly that it was not understood, or offer something.
``--``: say that it was not understood, and offer nothing. ``a + b``: answer a, and b in the same reply.
What stands before ``>`` was said, and answered, before.
"""

LINES = """
领券 | coupon_claim | a keyword alone
有券吗 | coupon_claim | shortest way to ask
给我来张优惠券呗 | coupon_claim | colloquial, with particles
怎么领优惠卷啊 | coupon_claim | 卷 for 券, the commonest slip
优会券在哪领 | coupon_claim | homophone
悠惠券怎么领 | coupon_claim | homophone
youhuiquan zenme ling | ?coupon_claim | typed in pinyin; ling alone says little
lingquan | coupon_claim | pinyin in one word
優惠券去哪裡領 | coupon_claim | Traditional
怎麼領券呢 | coupon_claim | Traditional
我想要一张满减券 | coupon_claim | names the kind
新人有啥券可以领不 | coupon_claim | newcomer
求发券🙏 | coupon_claim | begging, with emoji
🎫怎么领 | coupon_claim | emoji for the noun
coupon怎么领 | coupon_claim | English noun
听说你们在发优惠券，我也想领一张 | coupon_claim | hearsay before the wish
领券！！！！ | coupon_claim | shouting
领 券 | coupon_claim | spaced for emphasis
我的券呢 | coupon_mine | the account's own holdings
我的優惠券在哪 | coupon_mine | Traditional
看看我有几张券 | coupon_mine | counting
帮我查下我的优惠券 | coupon_mine | asks to look
wo de quan | coupon_mine | pinyin
我领的券在哪里看 | coupon_mine | already claimed
之前领的优惠券找不到了 | coupon_mine | lost sight of it
卡券包在哪 | coupon_mine | the platform's name for it
我的券🎫 | coupon_mine | emoji added
券用不了怎么回事 | coupon_usage | trouble at use
优惠券怎么用 | coupon_usage | how to use
这个券能叠加吗 | coupon_usage | combining
券过期了还能用吗 | coupon_usage | expired
付款的时候券没减钱 | coupon_usage | trouble told as a story
结账时优惠券用不了啊 | coupon_usage | at the till
券码无效 | coupon_usage | error as shown
优惠券咋用啊 | coupon_usage | dialect word
最近有什么优惠活动 | coupon_list | what is on
今天有啥活动没 | coupon_list | colloquial
有打折吗 | coupon_list | discounts
现在有什么优惠 | coupon_list | what is on
附近有门店吗 | store_nearest | near me
离我最近的店在哪 | store_nearest | near me
你们店在哪儿 | store_nearest | where
上海有分店吗 | store_nearest | a city
拉萨有你们的店吗 | store_nearest | a city no phrase names
門店地址 | store_nearest | Traditional
符近门店 | store_nearest | wrong character
附近的店怎么走 | store_nearest | the way
fujin mendian | store_nearest | pinyin
我在杭州 | store_nearest | a place alone
广州 | store_nearest | a place alone
魔都 | store_nearest | nickname of a city
📍附近的店 | store_nearest | emoji
几点关门 | store_hours | when
你们几点开门 | store_hours | when
门店几点打烊 | store_hours | when
晚上开到几点 | store_hours | until when
jidian关门 | store_hours | half pinyin
几典关门 | store_hours | wrong character
幾點關門 | store_hours | Traditional
现在还营业吗 | store_hours | open now
营业时间 | opening_hours | the title itself
春节放假吗 | opening_hours | holidays
签到 | checkin | the word itself
我要签到 | checkin | plain
簽到 | checkin | Traditional
签倒 | checkin | wrong character
今日签到✅ | checkin | with emoji
qiandao | checkin | pinyin
打卡 | checkin | another word
补签怎么弄 | checkin | missed a day
昨天忘签到了能补吗 | checkin | missed a day, as a story
连续签到有奖励吗 | checkin | streak
我有多少积分 | points_balance | how many
查积分 | points_balance | short
积分余额 | points_balance | formal
我的积風 | points_balance | wrong character
我的積分 | points_balance | Traditional
wo de jifen | points_balance | pinyin
积分还剩多少 | points_balance | what is left
看下我有几分了 | points_balance | 分 for 积分
积分明细 | points_history | records
积分怎么少了 | points_history | why fewer
昨天的积分没到账 | points_history | missing
查下积分记录 | points_history | records
我要提个建议 | suggestion | says so
给你们提点意见 | suggestion | says so
希望多开几家店 | suggestion | a wish for the brand
建议增加无糖的选择 | suggestion | a wish
件议 | suggestion | homophone of the whole
我要投诉 | complaint | says so
投訴你們店員 | complaint | Traditional
店员态度太差了 | complaint | without the word
服务态度恶劣 | complaint | without the word
面包里吃出头发 | complaint | foreign body, no word of complaint
喝出虫子了🤮 | complaint | foreign body, disgusted
我要投诉！！气死我了 | complaint | angry
tousu | complaint | pinyin
12315投诉你们 | complaint | threatens the hotline
C260101ZYGG | case_progress | the number of a receipt alone
编号c260101zygg怎么样了 | case_progress | the number, asked after
投诉 C260101ZYGG 处理好了吗 | case_progress | the number beside the word that decides otherwise
投诉 C260101ZYGG 的店员又骂人 | complaint | the number, and news
进度 | case_progress | a word alone
处理得怎么样了 | case_progress | names nothing
订单处理进度 | order_status | names the order, in the words of a case
退款处理进度 | refund | names the refund, in the words of a case
订单进度 | order_status | names the order
退款进度 | refund | names the refund
转人工 | human | says so
人工客服 | human | says so
人工人工人工 | human | insists
有活人吗 | human | a living person
给我找个真人 | human | a real person
rengong | human | pinyin
人公客服 | human | wrong character
kefu | human | pinyin
別讓機器人回我 轉人工 | human | Traditional, annoyed
算了不用人工了 | human_cancel | leaves the queue
取消排队 | human_cancel | leaves the queue
你是机器人吗 | robot | asks what we are
你是真人吗？ | robot | asks what we are, with the word that calls a person
你到底是机器人还是真人啊 | robot | asks, annoyed
是人工还是自动回复 | robot | asks, with the word that calls a person
你是機器人嗎 | robot | Traditional
are you a robot? | robot | English
不要机器人 | human | wants none
别跟机器人扯，我要真人 | human | wants none
我要找真人 | human | wants a person
你能做什么 | help | what can it do
帮助 | help | the title
你们有什么功能 | help | what can it do
你好 | greeting | opening
您好呀 | greeting | opening
你嚎 | greeting | homophone
在吗 | greeting | opening
在不在啊亲 | greeting | opening of buyers
早上好 | greeting | time of day
hello | greeting | English
Hi~ | greeting | English
👋 | greeting | emoji alone
谢谢 | thanks | thanks
谢谢你啊 | thanks | thanks
多謝 | thanks | Traditional
好的谢谢 | thanks | settled
3q谢谢 | thanks | slang beside it
拜拜 | thanks | parting
辛苦了 | thanks | thanks
取消关注 | unfollow | says so
怎么取消关注你们公众号 | unfollow | asks how
怎么退订 | unfollow | as with text messages
TD | unfollow | as with text messages
回T退订 | unfollow | as with text messages
不要再给我发消息 | unfollow | a wish that begins with a refusal
别给我发消息了，烦死了 | unfollow | annoyed
能不能别再推送了 | unfollow | annoyed
怎么不收你们的推送 | unfollow | asks how
取消訂閱 | unfollow | Traditional
unsubscribe | unfollow | English
how can i unfollow you | unfollow | English
怎么取关啊 | unfollow | in short
我要退订单 | refund | 退订 inside another word
关注有礼 | coupon_claim | following, and no word of leaving
去哪领取关注礼 | coupon_claim | 取关 inside two other words
关注公众号送券吗 | coupon_claim | following, and no word of leaving
可以送外卖吗 | delivery | delivery
配送费多少 | delivery | its fee
配松费多少钱 | delivery | wrong character
外賣能送到嗎 | delivery | Traditional
外送多久能到 | delivery | how long
起送价多少 | delivery | least order
满多少包邮 | delivery | free from
怎么开发票 | invoice | how
我要开票 | invoice | short
发飘怎么开 | invoice | homophone
電子發票 | invoice | Traditional
fapiao | invoice | pinyin
发票抬头写错了 | invoice | trouble
能开专票不 | invoice | kind
公司报销要发票 | invoice | reason
invoice please | invoice | English
会员卡怎么办 | membership_card | how
怎么成为会员 | membership_card | how
换绑手机号 | membership_card | another phone
會員卡 | membership_card | Traditional
能用支付宝吗 | payment | way to pay
可以微信支付吗 | payment | way to pay
付款失败了 | payment | trouble
收现金吗 | payment | cash
重复扣款了 | payment | charged twice
我要退款 | refund | says so
退钱！ | refund | angry
退宽 | refund | homophone
tuikuan | refund | pinyin
退款什么时候到账 | refund | when
申請退貨 | refund | Traditional
取消订单 | refund | cancel
买错了能退吗 | refund | reason first
咖啡洒了能退不 | refund | reason first
我昨天在你们店里点了一杯拿铁到现在还没喝到想退款可以吗 | refund | long story, no comma
刚才在门店买了面包，回家发现坏了，怎么退款 | refund | story, then the wish
那这个卷怎么用呢我不会弄 | coupon_usage | dictated, 卷 for 券
我孙女说关注了有见面礼在哪里拿 | coupon_claim | dictated, with a preface
领到了没有啊 | coupon_mine | whether it worked
这个有效期到什么时候 | coupon_mine | of what was just claimed
有没有羊毛可以薅 | coupon_claim | slang
一次能用两张不 | coupon_usage | no word of coupons
学生有优惠吗 | coupon_list | a kind of people
你们有没有买一送一 | coupon_list | a kind of offer
你好呀，想問下點樣攞優惠券？ | coupon_claim | Cantonese, after a hello
張券點用㗎？ | coupon_usage | Cantonese
可唔可以疊加用？ | coupon_usage | Cantonese
香港有冇分店呀 | store_nearest | Cantonese
福田嗰間幾點收工？ | store_hours | Cantonese, a district
唔該晒 | thanks | Cantonese
張單未到 | order_status | Cantonese
會員有咩著數 | coupon_list | Cantonese
跟進成點呀 | case_progress | Cantonese
睇下我嘅券 | coupon_mine | Cantonese
我不要券 | - | declines, in short
叫你们经理来 | human | angry
到底有没有人管 | human | angry
你找个人来跟我说 | human | dictated
编号多少 | case_progress | lost the receipt
我昨晚留的言看到了吗 | case_progress | after the night
催一下 | order_status | in short
还没送到 | order_status | in short
西湖附近有没有 | store_nearest | a sight the brand does not know
昆明店下午两点半开吗 | store_hours | a city and a time
现在哪家还开着 | store_hours | any of them
xswl | thanks | laughter of the young
yyds | thanks | praise of the young
拜拜👋 | thanks | waving beside words says nothing
我想问一下 | greeting | the question follows
不投诉了，钱到了 | - | no longer wanted, and no complaint
人工智能 | - | an ordinary word with 人工 in it
真人秀好看吗 | - | an ordinary word with 真人 in it
今天酒店签到 | - | of another place
网红打卡地 | - | an ordinary word with 打卡 in it
打卡上班 | - | an ordinary word with 打卡 in it
我没有要投诉 | - | says so
有没有要过期的券 | coupon_usage | asks, and declines nothing
我还没签到 | checkin | not done yet, and meant
充值卡 | membership_card | sounds like 虫子, and is none
不签到了 | - | no longer wanted
怎么不退款了 | refund | complains, and declines nothing
再不退款我就投诉 | complaint | threatens, and declines nothing
订单三天了还没退款 | refund | an order named, a refund meant
我有券吗 | coupon_mine | asks what is held, not for more
浦东有几家 | store_nearest | counts
能不能说人话 | human | fed up
你们家咖啡真好喝 | thanks | praise
how to use it | coupon_usage | English, in short
how to use excel | -- | English, of nothing of ours
do you take credit cards | payment | English
上海有店吗 > 错了，是杭州 | store_nearest | put right, without 不
上海有店吗 > 厦门的那个 | store_nearest | another of them
上海有店吗 > 聽日開唔開？ | store_hours | hours, of that city
上海有店吗 > 营业时间 | store_hours | hours, of that city
上海营业时间 | store_hours | hours, of a city
我的券 > 会过期吗 | coupon_usage | of coupons, after those
我的积分 > 会过期吗 | points_rules | of points, after those
静安寺店几点关门 > 电话多少 | store_nearest | of that store
讲个笑话 > 会过期吗 | ?coupon_usage points_rules | of nothing said before
怎么领券，还有怎么用 | coupon_claim + coupon_usage | the second without its noun
优惠券的事 | ?coupon_claim coupon_mine coupon_usage | a subject, no wish
关于积分 | ?points_balance points_history | a subject, no wish
积分的问题 | ?points_balance points_history checkin | a subject, no wish
退款和发票 | refund + invoice | two subjects, each known word for word
发票退款 | ?refund invoice | two subjects
what time do you close | store_hours | English
What time do you open tomorrow? | store_hours | English, with a day
what are your hours | opening_hours | English
i want to talk to a person | human | English
can i talk to a human please | human | English
check in | checkin | English
where is the nearest store | store_nearest | English
how do i use my coupon | coupon_usage | English
do you have any coupons | coupon_claim | English
my coupons | coupon_mine | English
my points | points_balance | English
how many points do i have | points_balance | English
where is my order | order_status | English
stop sending me messages | unfollow | English
check in at the hotel | -- | English, of another kind of checking in
i want a refund please | refund | English
I want a refund, my latte was cold | ?refund | English, with a reason that says nothing to us
do you deliver to Fudan University | delivery | English, with a place
when does it close | store_hours | English
is it open now | store_hours | English
any discount today? | coupon_list | English
I need a fapiao for my company | invoice | mixed
how do I become a member | membership_card | English
what can I do with points | points_rules | English
how do i follow you | follow | English
怎么关注你们 | follow | and not how to leave
开启推送 | follow | the other way round
关闭推送 | unfollow | as it was
取关怎么弄 | unfollow | in short
积分能换啥 | points_rules | what they are good for
积分可以换东西吗 | points_rules | what they are good for
积分会不会过期 | points_rules | whether they lapse
怎么攒积分 | points_rules | how to get some
what time is it | -- | English, of nobody's store
check my email | -- | English, of another kind of checking
where is my phone | -- | English, of nothing of ours
how do i use excel | -- | English, of nothing of ours
do you have any pets | -- | English chat
find a job near me | -- | English, near nothing of ours
i want to talk | -- | English, to whom is not said
明天会下雨吗 | -- | weather
今天多少度 | -- | weather
讲个笑话听听 | -- | chat
你喜欢我吗 | - | chat
我失恋了 | -- | chat
帮我写篇作文 | -- | homework
1+1等于几 | - | sums
股票今天涨了没 | -- | money
北京到上海高铁多久 | - | travel
周杰伦新歌好听吗 | -- | music
昨晚谁赢了球赛 | -- | sport
头疼吃什么药 | -- | health
量子力学是什么 | -- | knowledge
what is the capital of france | -- | English knowledge
tell me a joke | -- | English chat
你们还招人吗 | - | jobs: near the brand, but nothing answers it
加盟费多少 | - | franchise: near the brand
店里有wifi吗 | - | facilities
可以带狗进店吗 | - | facilities
停车方便吗 | - | facilities
老板电话多少 | - | near the brand
能充电吗 | - | facilities
想和你们谈合作 | - | business
兼职刷单日结三百加V | - | spam
代开发票加我微信 | invoice | spam that names a subject gets its answer, which harms nobody
asdfghjk | -- | keyboard
。。。。 | -- | dots
？？？ | -- | marks
666 | -- | digits
🌚 | -- | emoji without words
哈哈哈哈 | thanks | laughter: no wish, and no miss that leads to a person
嗯嗯 | thanks | nods
喂 | greeting | as on the phone
你能干嘛 | help | blunt
静安寺店明天早上8点开门吗 | store_hours | a store, a day and a time
👍👍 | thanks | a sign without words
附近门店和优惠券 | store_nearest + coupon_claim | a list of two
我要领券和签到 | coupon_claim + checkin | a list of two, wished for
优惠券和积分能一起用吗 | coupon_usage | no list: a question about both
太难喝了 | complaint | no word of complaining in it
啊啊啊啊 | -- | shouting
无语 | -- | mood
不要签到 | - | declines
不要给我发优惠券了 | - | declines
别转人工 | - | declines
不用人工 | human_cancel | declines what it may be queued for
13800138000 | -- | a phone alone asks nothing
明天 | -- | a day alone asks nothing
3 | -- | a digit answers, it does not ask
三明治 | - | food with a city inside
我在看书 | -- | small talk
发错了不好意思 | -- | not meant for us
优惠券怎么领，顺便问下几点关门 | coupon_claim + store_hours | two wishes, a joint between
几点关门，优惠券怎么领 | store_hours + coupon_claim | two wishes, a comma between
签到，顺便领个券 | checkin + coupon_claim | two things to be done
领券 另外附近有店吗 | coupon_claim + store_nearest | a space and a joint
我要投诉店员骂人，还有静安区的店几点关门 | complaint + store_hours | a complaint and a question
怎么退款，另外发票怎么开 | refund + invoice | the whole is unclear, its clauses are not
积分怎么查，能开发票吗 | points_balance + invoice | two questions
你好，怎么领券 | coupon_claim | a greeting is no wish
谢谢，我要签到 | checkin | thanks are no wish
上海，附近有店吗 | store_nearest | a place beside a wish says where, not what
我在杭州，几点关门 | store_hours | a place beside a wish says where, not what
上海的店几点关门 > 那杭州呢 | store_hours | the same of another city
上海的店几点关门 > 杭州 | store_hours | the same, no particle
上海的店几点关门 > 不是上海，是杭州 | store_hours | put right
上海的店几点关门 > 说错了，不是上海 是杭州 | store_hours | put right, with excuse
上海的店几点关门 > 谢谢 > 那北京呢 | store_hours | small talk in between
上海的店几点关门 > 換成廣州 | store_hours | Traditional
上海的店几点关门 > 那浦东呢 | store_hours | a district of it
上海有店吗 > 那深圳呢 | store_nearest | the same of another city
上海有店吗 > 几点关门 | store_hours | another question of the same place
上海的店几点关门 > 签到 > 那杭州呢 | store_nearest | another subject ended it
上海的店几点关门 > 杭州怎么领券 | coupon_claim | a wish of its own
上海的店几点关门 > 呢 | -- | nothing to go by
上海的店几点关门 > 明天天气怎么样 | - | foreign, whatever came before
海淀有店吗 | store_nearest | a shipped district
我在昆山 | store_nearest | a county-level city
shanghai | store_nearest | a city in pinyin
义乌有你们家吗 | store_nearest | a county-level city
国庆第二天 | -- | a day alone asks nothing
后天下午三点 | -- | a time alone asks nothing
"""


def lines() -> list[tuple[str, str, str]]:
    """Return each line's text, decision and reason."""
    rows = [tuple(part.strip() for part in line.split(" | ")) for line in LINES.strip().splitlines()]
    return [(text, decision, reason) for text, decision, reason in rows]
