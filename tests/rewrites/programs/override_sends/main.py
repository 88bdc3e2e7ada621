from scorers import LengthScorer, ModelScorer, score_all

texts = open("reviews.txt", encoding="utf-8").read().splitlines()
print(score_all(LengthScorer(), texts))
print(score_all(ModelScorer("gpt-5-mini"), texts))
