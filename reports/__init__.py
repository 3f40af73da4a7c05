"""The report: functions of results only, every text from `reports/catalogue`, every number formatted in one place."""
