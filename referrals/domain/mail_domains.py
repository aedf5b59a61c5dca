"""Domains of mail that belong to everybody (they say nothing about a company), and to nobody for long."""

_FREE = """
    126.com 139.com 163.com abv.bg aim.com alice.it aliceadsl.fr aol.com arcor.de att.net bbox.fr bell.net
    bellsouth.net bigpond.com bluemail.ch bluewin.ch bol.com.br btinternet.com centrum.cz charter.net
    comcast.net cox.net daum.net duck.com earthlink.net eircom.net email.com email.cz fastmail.com fastmail.fm
    foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.fr gmx.net googlemail.com
    hanmail.net hey.com home.nl hotmail.be hotmail.ca hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr
    hotmail.it hotmail.nl hushmail.com icloud.com ig.com.br inbox.com inbox.lv inbox.ru interia.pl juno.com
    kpnmail.nl laposte.net libero.it list.ru live.be live.ca live.co.uk live.com live.de live.fr live.it live.nl
    mac.com mail.bg mail.com mail.de mail.ee mail.ru mailbox.org mailo.com me.com msn.com nate.com naver.com
    neuf.fr o2.pl online.de online.no op.pl optonline.net orange.fr orange.net outlook.be outlook.com outlook.de
    outlook.es outlook.fr outlook.it pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com rambler.ru
    rediffmail.com rocketmail.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com sky.com skynet.be
    sympatico.ca t-online.de talktalk.net telenet.be telia.com terra.com.br tiscali.it tuta.io tutamail.com
    tutanota.com uol.com.br verizon.net virgilio.it virginmedia.com vodafone.de wanadoo.fr web.de wp.pl ya.ru
    yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.de yahoo.es yahoo.fr
    yahoo.it yahoo.ro yandex.com yandex.ru yeah.net ymail.com ziggo.nl zoho.com
"""
_DISPOSABLE = """
    0-mail.com 10minutemail.com 10minutemail.net 1secmail.com 1secmail.net 1secmail.org 20minutemail.com
    33mail.com anonaddy.me anonbox.net burnermail.io byom.de cock.li crazymailing.com deadaddress.com
    discard.email dispostable.com drdrb.com dropmail.me emailfake.com emailondeck.com emltmp.com fakeinbox.com
    fakemail.net fakemailgenerator.com getairmail.com getnada.com grr.la guerrillamail.biz guerrillamail.com
    guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com
    harakirimail.com inboxbear.com inboxkitten.com incognitomail.org jetable.org kasmail.com linshiyouxiang.net
    mail-temp.com mail.tm mailcatch.com maildrop.cc mailinator.com mailinator.net mailinator2.com mailnesia.com
    mailnull.com mailpoof.com mailsac.com meltmail.com mintemail.com moakt.com mohmal.com mytemp.email
    mytrashmail.com nada.email no-spam.ws nospam.ze.tc one-time.email owlymail.com pokemail.net receiveee.com
    sharklasers.com sofort-mail.de sogetthis.com spam4.me spambog.com spambox.us spamgourmet.com spamspot.com
    temp-mail.io temp-mail.org tempail.com tempinbox.com tempmail.com tempmail.dev tempmail.net tempmail.plus
    tempmailaddress.com tempr.email throwam.com throwawaymail.com tmail.ws tmailor.com tmpmail.net tmpmail.org
    trash-mail.com trash-mail.de trashmail.com trashmail.de trashmail.me trashmail.net trashmail.ws trbvm.com
    vomoto.com wegwerfemail.de wegwerfmail.de yep.it yopmail.com yopmail.fr yopmail.net zetmail.com
"""
# Never compared: two people at gmail.com are no colleagues.
FREE = frozenset(_FREE.split())
# Thrown away after one use. Hosts below one of these count as well.
DISPOSABLE = frozenset(_DISPOSABLE.split())
