from promowatch.main import run

run()
